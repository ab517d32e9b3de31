package dev.vitrine.kernels.reference;

import dev.vitrine.kernels.Matrix;

/** A weight as its columns, one after another: {@code data[j · in + i] = matrix[i, j]}. */
final class Weights implements Matrix {
  private final double[] data;
  private final int in;
  private final int out;
  private final int block;

  Weights(double[] data, int in, int out, int block) {
    this.data = data;
    this.in = in;
    this.out = out;
    this.block = block;
  }

  @Override
  public int in() {
    return in;
  }

  @Override
  public int out() {
    return out;
  }

  @Override
  public int block() {
    return block;
  }

  double get(int i, int j) {
    return data[j * in + i];
  }
}
