package dev.vitrine.weights;

import java.util.List;

/**
 * One tensor of a {@link Checkpoint}: its name, dtype and shape, and its elements, which stay in
 * the file until they are read. Safe for use by several threads.
 */
public interface StoredTensor {

  /** The name that the file gives it. */
  String name();

  /** How the file holds its elements. */
  Dtype dtype();

  /** The lengths of its axes, outermost first; empty for a single number. */
  List<Long> shape();

  /** The number of its elements. */
  default long size() {
    long size = 1;
    for (long length : shape()) {
      size *= length; // cannot overflow: readers hold size · bytes against the file's length
    }
    return size;
  }

  /**
   * Reads the elements {@code from} to {@code from + count - 1} in row-major order; exact for every
   * dtype of at most 32 bits that holds fractions, else rounded to nearest.
   *
   * @throws WeightsException if the file cannot be read
   * @throws IndexOutOfBoundsException if the tensor or the array is shorter
   */
  void read(long from, int count, float[] into, int at);

  /** The same in double precision; exact but for integers beyond 2⁵³. */
  void read(long from, int count, double[] into, int at);

  /**
   * The same for integers.
   *
   * @throws WeightsException also if the dtype holds fractions
   */
  void read(long from, int count, long[] into, int at);

  /** All elements, in row-major order. */
  default double[] doubles() {
    double[] all = new double[length()];
    read(0, all.length, all, 0);
    return all;
  }

  /** All elements, in row-major order, as {@link #read(long, int, float[], int)} gives them. */
  default float[] floats() {
    float[] all = new float[length()];
    read(0, all.length, all, 0);
    return all;
  }

  /** All elements, in row-major order, of a tensor of integers. */
  default long[] longs() {
    long[] all = new long[length()];
    read(0, all.length, all, 0);
    return all;
  }

  private int length() {
    if (size() > Integer.MAX_VALUE - 8) {
      throw new WeightsException(
          "tensor '" + name() + "' " + shape() + " is too large for one array; read it in parts");
    }
    return (int) size();
  }
}
