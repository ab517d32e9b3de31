package dev.vitrine.kernels.reference;

import dev.vitrine.kernels.Array;
import java.util.Objects;

/** Doubles in row-major order; a view shares them and differs in offset and shape. */
final class Table implements Array {
  private final double[] data;
  private final int offset;
  private final int stride;
  private final int rows;
  private final int columns;

  private Table(double[] data, int offset, int stride, int rows, int columns) {
    this.data = data;
    this.offset = offset;
    this.stride = stride;
    this.rows = rows;
    this.columns = columns;
  }

  static Table of(int rows, int columns) {
    return new Table(new double[Math.multiplyExact(rows, columns)], 0, columns, rows, columns);
  }

  double[] data() {
    return data;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  /** The index of element {@code [row, 0]}. */
  int at(int row) {
    return offset + row * stride;
  }

  double get(int row, int column) {
    return data[at(row) + column];
  }

  void set(int row, int column, double value) {
    data[at(row) + column] = value;
  }

  @Override
  public Table columns(int from, int to) {
    Objects.checkFromToIndex(from, to, columns);
    return new Table(data, offset + from, stride, rows, to - from);
  }

  @Override
  public Table rows(int from, int to) {
    Objects.checkFromToIndex(from, to, rows);
    return new Table(data, offset + from * stride, stride, to - from, columns);
  }
}
