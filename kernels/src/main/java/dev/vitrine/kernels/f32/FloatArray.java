package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Array;
import java.util.Objects;

/** Floats in row-major order; a view shares them and differs in offset and shape. */
final class FloatArray implements Array {
  final float[] data;
  final int offset;
  final int stride;
  private final int rows;
  private final int columns;

  private FloatArray(float[] data, int offset, int stride, int rows, int columns) {
    this.data = data;
    this.offset = offset;
    this.stride = stride;
    this.rows = rows;
    this.columns = columns;
  }

  /** Zeros, and as many more behind the end as a panel that sticks out may read. */
  static FloatArray of(int rows, int columns) {
    int length = Math.addExact(Math.multiplyExact(rows, columns), Kernels.MAX_WIDTH);
    return new FloatArray(new float[length], 0, columns, rows, columns);
  }

  /** Whether it is all that lies in its floats, from the first on. */
  boolean isWhole() {
    return offset == 0 && stride == columns && data.length == rows * columns + Kernels.MAX_WIDTH;
  }

  /** The index of element {@code [row, 0]}. */
  int at(int row) {
    return offset + row * stride;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public FloatArray columns(int from, int to) {
    Objects.checkFromToIndex(from, to, columns);
    return new FloatArray(data, offset + from, stride, rows, to - from);
  }

  @Override
  public FloatArray rows(int from, int to) {
    Objects.checkFromToIndex(from, to, rows);
    return new FloatArray(data, offset + from * stride, stride, to - from, columns);
  }
}
