package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Span;
import dev.vitrine.kernels.cuda.device.Device;
import dev.vitrine.kernels.cuda.device.DeviceMemory.Lease;
import dev.vitrine.kernels.cuda.device.Launch;
import dev.vitrine.kernels.cuda.device.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention of many sequences in few launches: their queries are cut into parts, the parts written
 * into a table on the device ({@code struct Part} of {@code attention.cu}), and each step of
 * attention taken for all of them at once, over blocks of keys.
 */
final class CudaAttention {
  /** The queries of a part. */
  private static final int QUERIES = 8;

  /** The keys of a block of threads, which also has so many threads. */
  private static final int BLOCK = 128;

  /** The bytes of {@code struct Part}. */
  private static final long PART = 96;

  /** So many bytes may be in the making at once: patterns that nobody asked for, sums of blocks. */
  private static final long SCRATCH = 64 << 20;

  private static final int MOST_PARTS = (int) (Staging.HALF / PART);

  private final Device device;
  private final int heads;
  private final int headSize;
  private final CudaArray z;

  CudaAttention(Device device, int heads, CudaArray z) {
    this.device = device;
    this.heads = heads;
    this.headSize = z.columns() / heads;
    this.z = z;
  }

  /** Queries {@code first … first + count - 1} of a span; its room in the scratch begins there. */
  private record Part(Span span, int first, int count, long scratch) {

    /** How many keys the last query sees. */
    int seen() {
      return span.position() + first + count;
    }

    /** How many blocks of keys have sums to be added. */
    int blocks() {
      return seen() > BLOCK ? Math.ceilDiv(seen(), BLOCK) : 0;
    }
  }

  private long patternBytes(Part part) {
    return part.span.pattern() == null ? 4L * heads * part.count * part.seen() : 0;
  }

  private long sumsBytes(Part part) {
    return 4L * heads * part.blocks() * QUERIES * headSize;
  }

  void attend(List<Span> spans, float scale, CudaArray q) {
    inParts(
        spans,
        (parts, table) -> {
          int columns = 0;
          for (Part part : parts) {
            Array scores = part.span.scores();
            columns = Math.max(columns, scores == null ? part.seen() : scores.columns());
          }
          device
              .launch("score_keys")
              .address(table)
              .integer(headSize)
              .real(scale)
              .rows(q)
              .start(parts.size(), heads, Math.ceilDiv(columns, BLOCK), BLOCK);
          device.launch("weigh_keys").address(table).start(parts.size(), heads, QUERIES, BLOCK);
          mix(parts, table);
        });
  }

  void mix(List<Span> spans) {
    inParts(spans, this::mix);
  }

  private void mix(List<Part> parts, long table) {
    int seen = parts.stream().mapToInt(Part::seen).max().orElse(0);
    mixing("mix_keys", table).start(parts.size(), heads, Math.ceilDiv(seen, BLOCK), BLOCK);
    if (seen > BLOCK) {
      mixing("add_blocks", table).start(parts.size(), heads, 1, BLOCK);
    }
  }

  private Launch mixing(String kernel, long table) {
    return device.launch(kernel).address(table).integer(headSize).rows(z);
  }

  private interface Step {
    /** Takes some parts, whose table lies at that address. */
    void take(List<Part> parts, long table);
  }

  /** Cuts spans into parts, and takes as many at once as the scratch has room for. */
  private void inParts(List<Span> spans, Step step) {
    List<Part> parts = new ArrayList<>();
    long scratch = 0;
    for (Span span : spans) {
      for (int first = 0; first < span.count(); first += QUERIES) {
        Part part = new Part(span, first, Math.min(QUERIES, span.count() - first), scratch);
        long needed = patternBytes(part) + sumsBytes(part);
        if (parts.size() == MOST_PARTS || (!parts.isEmpty() && scratch + needed > SCRATCH)) {
          take(parts, scratch, step);
          parts.clear();
          scratch = 0;
          part = new Part(span, first, part.count, 0);
        }
        parts.add(part);
        scratch += needed;
      }
    }
    take(parts, scratch, step);
  }

  private void take(List<Part> parts, long bytes, Step step) {
    Lease scratch = device.memory().take(bytes);
    Lease table = table(parts, scratch.address());
    step.take(parts, table.address());
    table.release();
    scratch.release();
  }

  private Lease table(List<Part> parts, long scratch) {
    Lease table = device.memory().take(parts.size() * PART);
    if (!parts.isEmpty()) {
      MemorySegment room = device.staging().room(parts.size() * PART);
      for (int i = 0; i < parts.size(); i++) {
        write(parts.get(i), room.asSlice(i * PART, PART), scratch);
      }
      device.staging().send(room, table, 0);
    }
    return table;
  }

  private void write(Part part, MemorySegment at, long scratch) {
    Span span = part.span;
    CudaArray keys = (CudaArray) span.keys();
    CudaArray values = (CudaArray) span.values();
    if (!keys.isKeys()) {
      throw new IllegalArgumentException("rows, where keys are expected");
    }
    at.set(ValueLayout.JAVA_LONG, 0, keys.address());
    at.set(ValueLayout.JAVA_LONG, 8, values.address());
    at.set(ValueLayout.JAVA_INT, 16, keys.columnStride());
    at.set(ValueLayout.JAVA_INT, 20, values.stride());
    at.set(ValueLayout.JAVA_INT, 24, span.row() + part.first);
    at.set(ValueLayout.JAVA_INT, 28, part.count);
    at.set(ValueLayout.JAVA_INT, 32, span.position() + part.first);
    at.set(ValueLayout.JAVA_INT, 36, span.pattern() == null ? 0 : 1);
    if (span.scores() instanceof CudaArray scores) {
      write(part, scores, at.asSlice(40));
    } else {
      write(0, 0, 0, 0, at.asSlice(40));
    }
    if (span.pattern() instanceof CudaArray pattern) {
      write(part, pattern, at.asSlice(64));
    } else {
      long head = (long) part.count * part.seen();
      write(scratch + part.scratch, head, part.seen(), part.seen(), at.asSlice(64));
    }
    at.set(ValueLayout.JAVA_LONG, 88, scratch + part.scratch + patternBytes(part));
  }

  /** The part's rows of an array {@code [heads · count, keys]}. */
  private static void write(Part part, CudaArray array, MemorySegment rows) {
    long stride = array.stride();
    write(
        array.address() + part.first * stride * Float.BYTES,
        part.span.count() * stride,
        array.stride(),
        array.columns(),
        rows);
  }

  /** {@code struct Rows}. */
  private static void write(
      long address, long headStride, int rowStride, int columns, MemorySegment rows) {
    rows.set(ValueLayout.JAVA_LONG, 0, address);
    rows.set(ValueLayout.JAVA_LONG, 8, headStride);
    rows.set(ValueLayout.JAVA_INT, 16, rowStride);
    rows.set(ValueLayout.JAVA_INT, 20, columns);
  }

  /** What both operations demand of a span, beyond shapes. */
  static void check(CudaBackend backend, int heads, CudaArray q, List<Span> spans, CudaArray z) {
    for (Span span : spans) {
      Shapes.span(heads, q, span, z);
      backend.own(span.keys());
      backend.own(span.values());
      backend.ownOrNull(span.scores());
      backend.ownOrNull(span.pattern());
    }
  }
}
