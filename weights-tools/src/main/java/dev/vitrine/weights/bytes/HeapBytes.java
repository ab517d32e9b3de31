package dev.vitrine.weights.bytes;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** Bytes that lie in an array, such as a resource of a jar. */
final class HeapBytes implements Storage {

  private final String origin;
  private final byte[] bytes;

  HeapBytes(String origin, byte[] bytes) {
    this.origin = origin;
    this.bytes = bytes;
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public void read(long offset, byte[] into, int at, int count) {
    Objects.checkFromIndexSize(offset, count, length());
    System.arraycopy(bytes, (int) offset, into, at, count);
  }

  @Override
  public void read(long offset, float[] into, int at, int count) {
    Objects.checkFromIndexSize(offset, (long) count * Float.BYTES, length());
    ByteBuffer.wrap(bytes, (int) offset, count * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(into, at, count);
  }

  @Override
  public void close() {}
}
