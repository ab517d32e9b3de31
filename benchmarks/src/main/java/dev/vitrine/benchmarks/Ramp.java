package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Source;

/** Numbers that are neither equal nor special. */
record Ramp(int rows, int columns) implements Source {
  static float at(int row, int column) {
    return ((row * 31 + column * 17) % 101 - 50) * 0.01f;
  }

  @Override
  public void read(int row, int from, int count, float[] into, int at) {
    for (int i = 0; i < count; i++) {
      into[at + i] = at(row, from + i);
    }
  }
}
