package dev.vitrine.weights.bytes;

import java.nio.file.Path;
import java.util.Objects;

/** Bytes that can be read at any place: a file or an array. Safe for use by several threads. */
public interface Storage extends AutoCloseable {

  /** The name to use in messages, such as the file's path. */
  String origin();

  /** The number of bytes. */
  long length();

  /**
   * Copies {@code count} bytes from {@code offset} on.
   *
   * @throws dev.vitrine.weights.WeightsException if they cannot be read, or it is closed
   * @throws IndexOutOfBoundsException if the storage or the array is shorter
   */
  void read(long offset, byte[] into, int at, int count);

  /**
   * Copies {@code count} floats, little-endian, from byte {@code offset} on, under the same
   * conditions.
   */
  void read(long offset, float[] into, int at, int count);

  /** The bytes {@code offset} to {@code offset + count - 1}, under the same conditions. */
  default byte[] read(long offset, int count) {
    Objects.checkFromIndexSize(offset, count, length());
    byte[] bytes = new byte[count];
    read(offset, bytes, 0, count);
    return bytes;
  }

  @Override
  void close();

  /**
   * Opens a file, which is read in pieces as they are asked for.
   *
   * @throws dev.vitrine.weights.WeightsException if there is no such file, or it cannot be read
   */
  static Storage of(Path file) {
    return OpenFile.open(file);
  }

  /** Wraps an array, which must not be written to afterwards. */
  static Storage of(String origin, byte[] bytes) {
    return new HeapBytes(origin, bytes);
  }
}
