package dev.vitrine.weights.naming;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.StoredTensor;
import java.util.Objects;

/** A tensor that lies as it is read: row after row. */
record Rows(StoredTensor tensor, int rows, int columns) implements Source {

  @Override
  public void read(int row, int from, int count, float[] into, int at) {
    tensor.read(place(row, from, count), count, into, at);
  }

  @Override
  public void read(int row, int from, int count, double[] into, int at) {
    tensor.read(place(row, from, count), count, into, at);
  }

  @Override
  public void readRows(int first, int count, float[] into, int at) {
    Objects.checkFromIndexSize(first, count, rows);
    tensor.read((long) first * columns, Math.multiplyExact(count, columns), into, at);
  }

  private long place(int row, int from, int count) {
    Objects.checkIndex(row, rows);
    Objects.checkFromIndexSize(from, count, columns);
    return (long) row * columns + from;
  }
}
