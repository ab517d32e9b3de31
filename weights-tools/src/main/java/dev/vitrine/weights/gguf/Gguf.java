package dev.vitrine.weights.gguf;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Cursor;
import dev.vitrine.weights.bytes.DenseTensor;
import dev.vitrine.weights.bytes.Storage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Reads GGUF, versions 2 and 3: metadata, the list of tensors, their bytes. */
public final class Gguf {

  private static final String ALIGNMENT = "general.alignment";
  private static final int DEFAULT_ALIGNMENT = 32;
  private static final int MAX_NAME = 1 << 16;
  private static final int MAX_AXES = 4;

  /** The least that an entry takes: of metadata, of the list of tensors. */
  private static final int MIN_ENTRY = 12;

  private Gguf() {}

  /** A tensor as the list has it, its offset counted from where the data begin. */
  private record Entry(String name, Dtype dtype, List<Long> shape, long offset, long bytes) {}

  /**
   * Reads metadata and the list of tensors.
   *
   * @throws WeightsException if it is no sound GGUF file
   */
  public static Checkpoint read(Storage storage) {
    String origin = storage.origin();
    Cursor cursor = new Cursor(storage, 4);
    long version = cursor.u32();
    if (version != 2 && version != 3) {
      boolean swapped = version == 2 << 24 || version == 3 << 24;
      throw new WeightsException(
          origin
              + ": is GGUF "
              + (swapped ? "of big-endian machines" : "version " + version)
              + "; only versions 2 and 3, little-endian, are read");
    }
    long tensors = cursor.i64();
    long pairs = cursor.i64();
    long possible = cursor.remaining() / MIN_ENTRY;
    if (tensors < 0 || pairs < 0 || tensors > possible || pairs > possible) {
      throw new WeightsException(
          origin
              + ": claims "
              + Long.toUnsignedString(tensors)
              + " tensors and "
              + Long.toUnsignedString(pairs)
              + " metadata, more than it can hold; fetch it again");
    }
    Metadata metadata = Metadata.read(origin, cursor, pairs);
    List<Entry> entries = new ArrayList<>();
    for (long i = 0; i < tensors; i++) {
      entries.add(entry(origin, cursor));
    }
    long alignment = alignment(origin, metadata.texts().get(ALIGNMENT));
    long start = Math.ceilDiv(cursor.position(), alignment) * alignment;
    return new Checkpoint(
        origin,
        "GGUF version " + version,
        place(storage, entries, start, alignment),
        metadata.texts(),
        List.of(storage),
        metadata.lists());
  }

  private static long alignment(String origin, @Nullable String text) {
    if (text == null) {
      return DEFAULT_ALIGNMENT;
    }
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw new WeightsException(origin + ": " + ALIGNMENT + " is " + text + "; not usable");
    }
    return Long.parseLong(text);
  }

  static String name(String origin, Cursor cursor) {
    long length = cursor.i64();
    if (length < 0 || length > MAX_NAME) {
      throw new WeightsException(
          origin
              + ": has a name of "
              + Long.toUnsignedString(length)
              + " bytes before byte "
              + cursor.position());
    }
    return cursor.utf8(length);
  }

  private static Entry entry(String origin, Cursor cursor) {
    String name = name(origin, cursor);
    String what = origin + ": tensor '" + name + "' ";
    long axes = cursor.u32();
    if (axes > MAX_AXES) {
      throw new WeightsException(what + "has " + axes + " axes; GGUF has at most " + MAX_AXES);
    }
    List<Long> shape = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      shape.addFirst(cursor.i64()); // the file lists the innermost first
    }
    long type = cursor.u32();
    Dtype dtype = dtype(type);
    if (dtype == null) {
      throw new WeightsException(
          what
              + "is of ggml type "
              + type
              + "; read are F32, F16, BF16, F64, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K");
    }
    long offset = cursor.i64();
    return new Entry(name, dtype, List.copyOf(shape), offset, bytes(what, dtype, shape));
  }

  private static @Nullable Dtype dtype(long type) {
    return switch ((int) type) {
      case 0 -> Dtype.F32;
      case 1 -> Dtype.F16;
      case 2 -> Dtype.Q4_0;
      case 3 -> Dtype.Q4_1;
      case 6 -> Dtype.Q5_0;
      case 7 -> Dtype.Q5_1;
      case 8 -> Dtype.Q8_0;
      case 12 -> Dtype.Q4_K;
      case 13 -> Dtype.Q5_K;
      case 14 -> Dtype.Q6_K;
      case 24 -> Dtype.I8;
      case 25 -> Dtype.I16;
      case 26 -> Dtype.I32;
      case 27 -> Dtype.I64;
      case 28 -> Dtype.F64;
      case 30 -> Dtype.BF16;
      default -> null;
    };
  }

  private static long bytes(String what, Dtype dtype, List<Long> shape) {
    try {
      long size = 1;
      for (long length : shape) {
        if (length < 0) {
          throw new WeightsException(what + "has an impossibly large shape " + shape);
        }
        size = Math.multiplyExact(size, length);
      }
      long last = shape.isEmpty() ? 1 : shape.getLast();
      if (last % dtype.blockElements() != 0) {
        throw new WeightsException(
            what + "of shape " + shape + " cannot be cut into blocks of " + dtype);
      }
      return Math.multiplyExact(size / dtype.blockElements(), (long) dtype.blockBytes());
    } catch (ArithmeticException e) {
      throw new WeightsException(what + "has an impossibly large shape " + shape, e);
    }
  }

  private static SequencedMap<String, StoredTensor> place(
      Storage storage, List<Entry> entries, long start, long alignment) {
    SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Entry entry : entries) {
      String what = storage.origin() + ": tensor '" + entry.name() + "' ";
      long available = Math.max(0, storage.length() - start);
      if (entry.offset() < 0 || entry.offset() % alignment != 0) {
        throw new WeightsException(
            what
                + "lies at byte "
                + Long.toUnsignedString(entry.offset())
                + " of the data, no multiple of "
                + alignment);
      }
      if (entry.bytes() > available || entry.offset() > available - entry.bytes()) {
        throw new WeightsException(
            what + "ends beyond the file, which is truncated; fetch it again");
      }
      long offset = start + entry.offset();
      StoredTensor tensor =
          entry.dtype().quantised()
              ? new BlockTensor(entry.name(), entry.dtype(), entry.shape(), storage, offset)
              : new DenseTensor(entry.name(), entry.dtype(), entry.shape(), storage, offset);
      if (tensors.put(entry.name(), tensor) != null) {
        throw new WeightsException(what + "is there twice");
      }
    }
    checkApart(storage.origin(), entries);
    return tensors;
  }

  private static void checkApart(String origin, List<Entry> entries) {
    List<Entry> ordered = new ArrayList<>(entries);
    ordered.sort(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::bytes));
    for (int i = 1; i < ordered.size(); i++) {
      Entry before = ordered.get(i - 1);
      if (before.offset() + before.bytes() > ordered.get(i).offset()) {
        throw new WeightsException(
            origin + ": tensor '" + ordered.get(i).name() + "' overlaps '" + before.name() + "'");
      }
    }
  }
}
