package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Source;

/** Numbers that are neither equal nor special. */
record Ramp(int rows, int columns) implements Source {
  static float at(int row, int column) {
    return ((row * 31 + column * 17) % 101 - 50) * 0.01f;
  }

  /** Writes such numbers to all of an array. */
  static void fill(Backend backend, Array array) {
    float[] row = new float[array.columns()];
    for (int r = 0; r < array.rows(); r++) {
      for (int c = 0; c < row.length; c++) {
        row[c] = at(r, c);
      }
      backend.write(array, r, 0, row.length, row, 0);
    }
  }

  @Override
  public void read(int row, int from, int count, float[] into, int at) {
    for (int i = 0; i < count; i++) {
      into[at + i] = at(row, from + i);
    }
  }
}
