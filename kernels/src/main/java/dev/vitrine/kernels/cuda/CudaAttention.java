package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Span;
import dev.vitrine.kernels.cuda.DeviceMemory.Lease;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention of many sequences in few launches: their queries are cut into parts, the parts written
 * into a table on the device ({@code struct Part} of {@code attention.cu}), and each block of
 * threads takes one part of one head.
 */
final class CudaAttention {
  /** The queries of a part. */
  private static final int QUERIES = 8;

  private static final int THREADS = 128;

  /** The bytes of {@code struct Part}. */
  private static final long PART = 88;

  /** So many bytes of patterns that nobody asked for may be in the making at once. */
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

  /** Queries {@code first … first + count - 1} of a span; the pattern's room begins at scratch. */
  private record Part(Span span, int first, int count, long scratch) {

    /** How many keys the last query sees. */
    int seen() {
      return span.position() + first + count;
    }
  }

  void attend(List<Span> spans, float scale, CudaArray q) {
    List<Part> parts = new ArrayList<>();
    long scratch = 0;
    for (Span span : spans) {
      for (int first = 0; first < span.count(); first += QUERIES) {
        Part part = new Part(span, first, Math.min(QUERIES, span.count() - first), scratch);
        long needed = span.pattern() == null ? 4L * heads * part.count * part.seen() : 0;
        if (parts.size() == MOST_PARTS || (!parts.isEmpty() && scratch + needed > SCRATCH)) {
          attend(parts, scratch, scale, q);
          parts.clear();
          scratch = 0;
          part = new Part(span, first, part.count, 0);
        }
        parts.add(part);
        scratch += needed;
      }
    }
    attend(parts, scratch, scale, q);
  }

  private void attend(List<Part> parts, long bytes, float scale, CudaArray q) {
    Lease scratch = device.memory().take(bytes);
    Lease table = table(parts, scratch.address());
    device
        .launch("attend")
        .address(table.address())
        .integer(headSize)
        .real(scale)
        .rows(q)
        .rows(z)
        .start(parts.size(), heads, 1, THREADS);
    table.release();
    scratch.release();
  }

  void mix(List<Span> spans) {
    List<Part> parts = new ArrayList<>();
    for (Span span : spans) {
      for (int first = 0; first < span.count(); first += QUERIES) {
        if (parts.size() == MOST_PARTS) {
          mixParts(parts);
          parts.clear();
        }
        parts.add(new Part(span, first, Math.min(QUERIES, span.count() - first), 0));
      }
    }
    mixParts(parts);
  }

  private void mixParts(List<Part> parts) {
    Lease table = table(parts, 0);
    device
        .launch("mix")
        .address(table.address())
        .integer(headSize)
        .rows(z)
        .start(parts.size(), heads, 1, THREADS);
    table.release();
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
