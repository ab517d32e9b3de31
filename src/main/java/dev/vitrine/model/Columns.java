package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;

/** Reads the columns of a packed matrix, some at a time; for one thread. */
final class Columns {
  private static final int CHUNK = 64;

  private final Matrix matrix;
  private final Backend backend;
  private final Array chunk;
  private int first = -1;

  Columns(Matrix matrix, Backend backend) {
    this.matrix = matrix;
    this.backend = backend;
    this.chunk = backend.rows(Math.min(CHUNK, matrix.out()), matrix.in());
  }

  /** Reads column {@code j}, widened exactly. */
  void read(int j, double[] into) {
    backend.read(chunk, row(j), 0, matrix.in(), into, 0);
  }

  /** Reads column {@code j} in single precision. */
  void read(int j, float[] into, int at) {
    backend.read(chunk, row(j), 0, matrix.in(), into, at);
  }

  /** Reads column {@code j} in double precision, from an index on. */
  void read(int j, double[] into, int at) {
    backend.read(chunk, row(j), 0, matrix.in(), into, at);
  }

  /** The row of the chunk that has column {@code j}. */
  private int row(int j) {
    if (first < 0 || j < first || j >= first + chunk.rows()) {
      first = Math.min(j, matrix.out() - chunk.rows());
      int[] columns = new int[chunk.rows()];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = first + i;
      }
      backend.gather(matrix, columns, chunk);
    }
    return j - first;
  }
}
