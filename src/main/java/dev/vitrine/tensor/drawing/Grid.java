package dev.vitrine.tensor.drawing;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import java.util.Arrays;

/**
 * A tensor of two axes, brought down to a number of cells. A cell stands for a block of elements:
 * NaN if one is NaN, otherwise the one of the largest magnitude; -inf, which masks, only where
 * there is nothing else.
 */
public final class Grid {
  private final Dimension rowAxis;
  private final Dimension columnAxis;
  private final int rowBlock;
  private final int columnBlock;
  private final double[] cells;
  private final boolean isDouble;

  private Grid(Tensor tensor, int rowBlock, int columnBlock) {
    this.isDouble = tensor.isDouble();
    this.rowAxis = tensor.dimensions().get(0);
    this.columnAxis = tensor.dimensions().get(1);
    this.rowBlock = rowBlock;
    this.columnBlock = columnBlock;
    this.cells = new double[rows() * columns()];
    Arrays.fill(cells, Double.NEGATIVE_INFINITY);
    int width = columnAxis.size();
    int[] next = {0};
    tensor.forEach(x -> {
      int row = next[0] / width / rowBlock;
      int cell = row * columns() + next[0] % width / columnBlock;
      cells[cell] = stronger(cells[cell], x);
      next[0]++;
    });
  }

  /** A tensor of two axes in at most some rows and columns. */
  public static Grid of(Tensor tensor, int mostRows, int mostColumns) {
    int[] sizes = tensor.shape();
    return new Grid(tensor, blocks(sizes[0], mostRows), blocks(sizes[1], mostColumns));
  }

  private static int blocks(int size, int most) {
    return Math.max(1, Math.ceilDiv(size, Math.max(1, most)));
  }

  private static double stronger(double held, double x) {
    if (Double.isNaN(held) || x == Double.NEGATIVE_INFINITY) {
      return held;
    }
    boolean more = Math.abs(x) > Math.abs(held);
    return Double.isNaN(x) || more || held == Double.NEGATIVE_INFINITY ? x : held;
  }

  /** The number of rows of cells. */
  public int rows() {
    return Math.ceilDiv(rowAxis.size(), rowBlock);
  }

  /** The number of columns of cells. */
  public int columns() {
    return Math.ceilDiv(columnAxis.size(), columnBlock);
  }

  /** The axis of the rows. */
  public Dimension rowAxis() {
    return rowAxis;
  }

  /** The axis of the columns. */
  public Dimension columnAxis() {
    return columnAxis;
  }

  /** The first index of a row of cells. */
  public int rowIndex(int row) {
    return row * rowBlock;
  }

  /** The first index of a column of cells. */
  public int columnIndex(int column) {
    return column * columnBlock;
  }

  /** The number of a cell. */
  public double at(int row, int column) {
    return cells[row * columns() + column];
  }

  /** Whether the elements are doubles. */
  public boolean isDouble() {
    return isDouble;
  }

  /** Whether a cell stands for more than one element. */
  public boolean isPooled() {
    return rowBlock > 1 || columnBlock > 1;
  }

  /** What a cell stands for, where that is more than one element. */
  public String note() {
    return "each cell is the strongest of " + rowBlock + " x " + columnBlock + " elements";
  }
}
