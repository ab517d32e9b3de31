package dev.vitrine.weights.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Destination;
import dev.vitrine.weights.bytes.SequentialWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes safetensors, the tensors in the order of their declaration. */
public final class SafetensorsWriter extends SequentialWriter {

  private static final int ALIGNMENT = 8;

  private final Destination destination;

  private SafetensorsWriter(Destination destination) {
    super(destination);
    this.destination = destination;
  }

  /**
   * Begins a file.
   *
   * @throws WeightsException if it cannot be written there
   */
  public static SafetensorsWriter create(Path file) {
    return new SafetensorsWriter(Destination.of(file));
  }

  @Override
  protected void check(String name, Dtype dtype) {
    if (name.equals(Safetensors.METADATA)) {
      throw new IllegalArgumentException("no tensor can be named " + name);
    }
    if (dtype.quantised()) {
      throw new WeightsException(
          "tensor '" + name + "' is " + dtype + ", which safetensors does not have; write F32");
    }
  }

  @Override
  protected void begin(List<Declaration> declarations, Map<String, String> metadata) {
    byte[] header = header(declarations, metadata);
    destination.write(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .array(),
        0,
        Long.BYTES);
    destination.write(header, 0, header.length);
  }

  private static byte[] header(List<Declaration> declarations, Map<String, String> metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(Safetensors.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (Declaration tensor : declarations) {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.dtype().name());
        long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
        json.writeFieldName("shape");
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {offset, offset + tensor.bytes()}, 0, 2);
        json.writeEndObject();
        offset = Math.addExact(offset, tensor.bytes());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never: it goes to memory
    }
    // Spaces, so that the first tensor is aligned.
    while (bytes.size() % ALIGNMENT != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  @Override
  protected void beginTensor(Declaration declaration) {}

  @Override
  protected void elements(byte[] bytes, int count) {
    destination.write(bytes, 0, count);
  }

  @Override
  protected void endTensor(Declaration declaration) {}

  @Override
  protected void end() {}
}
