package dev.vitrine.weights.npz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Destination;
import dev.vitrine.weights.bytes.SequentialWriter;
import dev.vitrine.weights.zip.ZipWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes NumPy archives: each tensor becomes the entry {@code NAME.npy}, so that {@code
 * numpy.load(file)[NAME]} gives it.
 *
 * <p>Metadata become a string of JSON named {@code __metadata__}.
 */
public final class NpzWriter extends SequentialWriter {

  static final String METADATA = "__metadata__";

  private final ZipWriter zip;

  private NpzWriter(Destination destination) {
    super(destination);
    this.zip = new ZipWriter(destination);
  }

  /**
   * Begins a file.
   *
   * @throws WeightsException if it cannot be written there
   */
  public static NpzWriter create(Path file) {
    return new NpzWriter(Destination.of(file));
  }

  @Override
  protected void check(String name, Dtype dtype) {
    if (name.equals(METADATA)) {
      throw new IllegalArgumentException("no tensor can be named " + name);
    }
    if (dtype == Dtype.BF16 || dtype.quantised()) {
      throw new WeightsException(
          "tensor '"
              + name
              + "' is "
              + dtype
              + ", which NumPy does not have; write F32 or safetensors");
    }
  }

  @Override
  protected void begin(List<Declaration> declarations, Map<String, String> metadata) {
    if (!metadata.isEmpty()) {
      String text = json(metadata);
      ByteBuffer bytes =
          ByteBuffer.allocate(4 * text.codePointCount(0, text.length()))
              .order(ByteOrder.LITTLE_ENDIAN);
      text.codePoints().forEach(bytes::putInt);
      beginEntry(METADATA, "<U" + bytes.capacity() / 4, List.of(), bytes.capacity());
      zip.write(bytes.array(), bytes.capacity());
      zip.end();
    }
  }

  private static String json(Map<String, String> metadata) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never: it goes to memory
    }
    return text.toString();
  }

  @Override
  protected void beginTensor(Declaration declaration) {
    beginEntry(
        declaration.name(), descr(declaration.dtype()), declaration.shape(), declaration.bytes());
  }

  private static String descr(Dtype dtype) {
    return switch (dtype) {
      case F64 -> "<f8";
      case F32 -> "<f4";
      case F16 -> "<f2";
      case I64 -> "<i8";
      case I32 -> "<i4";
      case I16 -> "<i2";
      case I8 -> "|i1";
      case U8 -> "|u1";
      case BOOL -> "|b1";
      default -> throw new IllegalStateException("check() refused it");
    };
  }

  private void beginEntry(String name, String descr, List<Long> shape, long size) {
    byte[] header = header(descr, shape);
    zip.begin(name + ".npy", header.length + size);
    zip.write(header, header.length);
  }

  private static byte[] header(String descr, List<Long> shape) {
    String lengths =
        shape.size() == 1
            ? shape.getFirst() + ","
            : shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(descr, lengths);
    // Version 1.0: magic, length of the header in two bytes, all of it a multiple of 64.
    int padded = Math.ceilDiv(10 + header.length() + 1, 64) * 64 - 10;
    ByteBuffer bytes = ByteBuffer.allocate(10 + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) 1).put((byte) 0).putShort((short) padded);
    bytes.put(header.getBytes(StandardCharsets.US_ASCII));
    while (bytes.remaining() > 1) {
      bytes.put((byte) ' ');
    }
    bytes.put((byte) '\n');
    return bytes.array();
  }

  @Override
  protected void elements(byte[] bytes, int count) {
    zip.write(bytes, count);
  }

  @Override
  protected void endTensor(Declaration declaration) {
    zip.end();
  }

  @Override
  protected void end() {
    zip.finish();
  }
}
