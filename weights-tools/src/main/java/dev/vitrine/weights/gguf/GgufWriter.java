package dev.vitrine.weights.gguf;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Destination;
import dev.vitrine.weights.bytes.SequentialWriter;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes GGUF, version 3, in F64, F32, F16, BF16, Q8_0 and integers.
 *
 * <p>{@link #metadata} writes text; numbers and lists have methods of their own.
 */
public final class GgufWriter extends SequentialWriter {

  private static final int ALIGNMENT = 32;
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final Destination destination;
  private final ByteArrayOutputStream pairs = new ByteArrayOutputStream();
  private int pairCount;

  private GgufWriter(Destination destination) {
    super(destination);
    this.destination = destination;
  }

  /**
   * Begins a file.
   *
   * @throws WeightsException if it cannot be written there
   */
  public static GgufWriter create(Path file) {
    return new GgufWriter(Destination.of(file));
  }

  /** Adds an unsigned integer of 32 bits to the metadata, before anything is written. */
  public void metadata(String key, int value) {
    pair(key, UINT32);
    u32(pairs, value);
  }

  /** Adds a number of single precision to the metadata, before anything is written. */
  public void metadata(String key, float value) {
    pair(key, FLOAT32);
    u32(pairs, Float.floatToRawIntBits(value));
  }

  /** Adds a list of texts to the metadata, before anything is written. */
  public void texts(String key, List<String> values) {
    pair(key, ARRAY);
    u32(pairs, STRING);
    u64(pairs, values.size());
    values.forEach(value -> text(pairs, value));
  }

  /** Adds a list of signed integers to the metadata, before anything is written. */
  public void integers(String key, int... values) {
    pair(key, ARRAY);
    u32(pairs, INT32);
    u64(pairs, values.length);
    for (int value : values) {
      u32(pairs, value);
    }
  }

  private void pair(String key, int type) {
    text(pairs, key);
    u32(pairs, type);
    pairCount++;
  }

  private static void u32(ByteArrayOutputStream to, int value) {
    to.writeBytes(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private static void u64(ByteArrayOutputStream to, long value) {
    to.writeBytes(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  private static void text(ByteArrayOutputStream to, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    u64(to, utf8.length);
    to.writeBytes(utf8);
  }

  private static int ggmlType(Dtype dtype) {
    return switch (dtype) {
      case F32 -> 0;
      case F16 -> 1;
      case Q8_0 -> 8;
      case I8 -> 24;
      case I16 -> 25;
      case I32 -> 26;
      case I64 -> 27;
      case F64 -> 28;
      case BF16 -> 30;
      default -> -1;
    };
  }

  @Override
  protected void check(String name, Dtype dtype) {
    if (ggmlType(dtype) < 0) {
      throw new WeightsException(
          "tensor '"
              + name
              + "' is "
              + dtype
              + ", which is not written as GGUF; write Q8_0 or F32");
    }
  }

  @Override
  protected void begin(List<Declaration> declarations, Map<String, String> metadata) {
    metadata.forEach((key, value) -> {
      pair(key, STRING);
      text(pairs, value);
    });
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    u32(header, 3);
    u64(header, declarations.size());
    u64(header, pairCount);
    header.writeBytes(pairs.toByteArray());
    long offset = 0;
    for (Declaration tensor : declarations) {
      List<Long> shape = tensor.shape();
      if (!shape.isEmpty() && shape.getLast() % tensor.dtype().blockElements() != 0) {
        throw new WeightsException(
            "tensor '"
                + tensor.name()
                + "' "
                + shape
                + " cannot be cut into blocks of "
                + tensor.dtype()
                + "; write F16");
      }
      text(header, tensor.name());
      u32(header, shape.size());
      shape.reversed().forEach(length -> u64(header, length));
      u32(header, ggmlType(tensor.dtype()));
      u64(header, offset);
      offset = padded(offset + tensor.bytes());
    }
    write(header.toByteArray());
    pad(header.size());
  }

  private static long padded(long length) {
    return Math.ceilDiv(length, (long) ALIGNMENT) * ALIGNMENT;
  }

  private void write(byte[] bytes) {
    destination.write(bytes, 0, bytes.length);
  }

  private void pad(long length) {
    write(new byte[(int) (padded(length) - length)]);
  }

  @Override
  protected void beginTensor(Declaration declaration) {}

  @Override
  protected void elements(byte[] bytes, int count) {
    destination.write(bytes, 0, count);
  }

  @Override
  protected void endTensor(Declaration declaration) {
    pad(declaration.bytes());
  }

  @Override
  protected void end() {}
}
