package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Array;
import java.util.Objects;

/**
 * The values of one sequence, head by head, each head in panels of {@code width} columns as a
 * weight {@code [positions, headSize]} is: what a head moves to many positions is one product of
 * its pattern and this.
 *
 * <p>Element {@code [position, h · headSize + d]} lies at {@code panel(h, d / width) + position ·
 * width + d % width}; the last panel of a head is filled up with zeros.
 */
final class ValueArray implements Array {
  final float[] data;
  final int width;
  final int heads;
  final int headSize;
  private final int capacity;
  private final int positions;

  private ValueArray(
      float[] data, int width, int capacity, int positions, int heads, int headSize) {
    this.data = data;
    this.width = width;
    this.capacity = capacity;
    this.positions = positions;
    this.heads = heads;
    this.headSize = headSize;
  }

  static ValueArray of(int positions, int heads, int headSize, int width) {
    int head = Math.multiplyExact(Math.ceilDiv(headSize, width) * width, positions);
    int length = Math.addExact(Math.multiplyExact(head, heads), 2 * Kernels.MAX_WIDTH);
    return new ValueArray(new float[length], width, positions, positions, heads, headSize);
  }

  /** The index where a panel of a head begins. */
  int panel(int head, int panel) {
    return Kernels.LINE + (head * Math.ceilDiv(headSize, width) + panel) * capacity * width;
  }

  /** Writes {@code count} elements of a row, from {@code column} on. */
  void write(int position, int column, int count, float[] from, int at) {
    int some;
    for (int c = column; c < column + count; c += some) {
      some = Math.min(run(c), column + count - c);
      System.arraycopy(from, at + c - column, data, at(position, c), some);
    }
  }

  /** Reads {@code count} elements of a row, from {@code column} on. */
  void read(int position, int column, int count, float[] into, int at) {
    int some;
    for (int c = column; c < column + count; c += some) {
      some = Math.min(run(c), column + count - c);
      System.arraycopy(data, at(position, c), into, at + c - column, some);
    }
  }

  /** How many elements from a column on lie side by side. */
  private int run(int column) {
    int d = column % headSize;
    return Math.min(width - d % width, headSize - d);
  }

  private int at(int position, int column) {
    int d = column % headSize;
    return panel(column / headSize, d / width) + position * width + d % width;
  }

  @Override
  public int rows() {
    return positions;
  }

  @Override
  public int columns() {
    return heads * headSize;
  }

  /** Only whole rows: a head is found by its place among all columns. */
  @Override
  public ValueArray columns(int from, int to) {
    Objects.checkFromToIndex(from, to, columns());
    if (from != 0 || to != columns()) {
      throw new IllegalArgumentException("values cannot be cut into columns");
    }
    return this;
  }

  /** Only from the first position on: panels begin there. */
  @Override
  public ValueArray rows(int from, int to) {
    Objects.checkFromToIndex(from, to, positions);
    if (from != 0) {
      throw new IllegalArgumentException("values can only be cut at their end");
    }
    return new ValueArray(data, width, capacity, to, heads, headSize);
  }
}
