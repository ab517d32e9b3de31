package dev.vitrine.kernels;

/**
 * Where a {@link Backend} reads a weight from while it packs it: a table {@code [rows, columns]} in
 * row-major order, which is never held in memory as a whole.
 */
public interface Source {

  /** The number of rows. */
  int rows();

  /** The number of columns. */
  int columns();

  /**
   * Reads the elements {@code [row, from]} to {@code [row, from + count - 1]}, widened exactly.
   *
   * @param into where they are written, from index {@code at} on
   */
  void read(int row, int from, int count, float[] into, int at);

  /** The same in double precision, for backends that compute in it. */
  default void read(int row, int from, int count, double[] into, int at) {
    float[] floats = new float[count];
    read(row, from, count, floats, 0);
    for (int i = 0; i < count; i++) {
      into[at + i] = floats[i];
    }
  }

  /** Reads {@code count} whole rows from {@code first} on, one after another. */
  default void readRows(int first, int count, float[] into, int at) {
    for (int row = 0; row < count; row++) {
      read(first + row, 0, columns(), into, at + row * columns());
    }
  }
}
