package dev.vitrine.weights;

import dev.vitrine.weights.bytes.Storage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Files made byte by byte. */
public final class HandMade {

  private HandMade() {}

  /** A safetensors file of this header, whatever it says, and this data. */
  public static byte[] safetensors(String header, byte... data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return safetensors(json.length, json, data);
  }

  public static byte[] safetensors(long claimedLength, byte[] header, byte... data) {
    return ByteBuffer.allocate(Long.BYTES + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(claimedLength)
        .put(header)
        .put(data)
        .array();
  }

  public static Checkpoint open(byte[] file) {
    return Checkpoint.open(Storage.of("x.safetensors", file));
  }

  /** The only tensor of a file that holds one, named {@code x}. */
  public static StoredTensor tensor(String dtype, String shape, byte[] data) {
    String header =
        "{\"x\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[0,%d]}}"
            .formatted(dtype, shape, data.length);
    return open(safetensors(header, data)).tensor("x");
  }

  public static ByteBuffer bytes(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What was put into a buffer that {@link #bytes} made, and zeros after it. */
  public static byte[] array(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }
}
