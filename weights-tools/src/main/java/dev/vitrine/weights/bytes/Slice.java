package dev.vitrine.weights.bytes;

import java.util.Objects;

/**
 * A part of another storage, which it does not close.
 *
 * @param offset where the part begins
 * @param length its number of bytes
 */
public record Slice(Storage whole, long offset, long length) implements Storage {

  /** A part, which must lie inside. */
  public Slice {
    Objects.checkFromIndexSize(offset, length, whole.length());
  }

  @Override
  public String origin() {
    return whole.origin();
  }

  @Override
  public void read(long from, byte[] into, int at, int count) {
    Objects.checkFromIndexSize(from, count, length);
    whole.read(offset + from, into, at, count);
  }

  @Override
  public void read(long from, float[] into, int at, int count) {
    Objects.checkFromIndexSize(from, (long) count * Float.BYTES, length);
    whole.read(offset + from, into, at, count);
  }

  @Override
  public void close() {}
}
