package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Source;

/**
 * A weight in panels of {@code width} columns, the last one filled up with zeros.
 *
 * <p>Element {@code [i, j]} lies at {@code panel(j / width) + i · width + j % width}.
 */
final class PackedMatrix implements Matrix {
  final float[] data;
  final int width;
  private final int in;
  private final int out;
  private final int block;

  private PackedMatrix(int in, int out, int block, int width) {
    this.in = in;
    this.out = out;
    this.block = Shapes.block(block);
    this.width = width;
    int padded = Math.multiplyExact(Math.ceilDiv(out, width), width);
    this.data = new float[Math.multiplyExact(padded, in)];
  }

  /** From a source {@code [in, out]}, which is read row by row. */
  static PackedMatrix of(Source source, int block, int width) {
    PackedMatrix matrix = new PackedMatrix(source.rows(), source.columns(), block, width);
    float[] row = new float[matrix.out];
    for (int i = 0; i < matrix.in; i++) {
      source.read(i, 0, matrix.out, row, 0);
      for (int j = 0; j < matrix.out; j += width) {
        int count = Math.min(width, matrix.out - j);
        System.arraycopy(row, j, matrix.data, matrix.panel(j / width) + i * width, count);
      }
    }
    return matrix;
  }

  /** From a source {@code [out, in]}, which is read row by row. */
  static PackedMatrix ofTransposed(Source source, int block, int width) {
    PackedMatrix matrix = new PackedMatrix(source.columns(), source.rows(), block, width);
    float[] row = new float[matrix.in];
    for (int j = 0; j < matrix.out; j++) {
      source.read(j, 0, matrix.in, row, 0);
      int at = matrix.panel(j / width) + j % width;
      for (int i = 0; i < matrix.in; i++) {
        matrix.data[at + i * width] = row[i];
      }
    }
    return matrix;
  }

  /** The index where the panel begins that holds columns {@code panel · width} and on. */
  int panel(int panel) {
    return panel * in * width;
  }

  int panels() {
    return Math.ceilDiv(out, width);
  }

  /** Writes column {@code column} to {@code into}. */
  void column(int column, float[] into, int at) {
    int first = panel(column / width) + column % width;
    for (int i = 0; i < in; i++) {
      into[at + i] = data[first + i * width];
    }
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
}
