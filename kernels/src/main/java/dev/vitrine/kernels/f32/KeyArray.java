package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Array;
import java.util.Objects;

/**
 * The keys of one sequence, head by head, each head in panels of {@code width} positions as a
 * weight {@code [headSize, positions]} is: the scores of many positions are one product.
 *
 * <p>Element {@code [position, h · headSize + d]} lies at {@code panel(h, position / width) + d ·
 * width + position % width}.
 */
final class KeyArray implements Array {
  final float[] data;
  final int width;
  final int heads;
  final int headSize;
  private final int panels;
  private final int positions;

  private KeyArray(float[] data, int width, int panels, int positions, int heads, int headSize) {
    this.data = data;
    this.width = width;
    this.panels = panels;
    this.positions = positions;
    this.heads = heads;
    this.headSize = headSize;
  }

  static KeyArray of(int positions, int heads, int headSize, int width) {
    int panels = Math.ceilDiv(positions, width);
    int head = Math.multiplyExact(Math.multiplyExact(panels, width), headSize);
    float[] data = new float[Math.multiplyExact(head, heads)];
    return new KeyArray(data, width, panels, positions, heads, headSize);
  }

  /** The index where the panel begins that holds positions {@code panel · width} and on. */
  int panel(int head, int panel) {
    return (head * panels + panel) * headSize * width;
  }

  /** The index of {@code [position, column]}. */
  int at(int position, int column) {
    int panel = panel(column / headSize, position / width);
    return panel + column % headSize * width + position % width;
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
  public KeyArray columns(int from, int to) {
    Objects.checkFromToIndex(from, to, columns());
    if (from != 0 || to != columns()) {
      throw new IllegalArgumentException("keys cannot be cut into columns");
    }
    return this;
  }

  /** Only from the first position on: panels begin there. */
  @Override
  public KeyArray rows(int from, int to) {
    Objects.checkFromToIndex(from, to, positions);
    if (from != 0) {
      throw new IllegalArgumentException("keys can only be cut at their end");
    }
    return new KeyArray(data, width, panels, to, heads, headSize);
  }
}
