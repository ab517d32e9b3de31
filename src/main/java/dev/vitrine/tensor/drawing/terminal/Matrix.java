package dev.vitrine.tensor.drawing.terminal;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.drawing.Label;
import dev.vitrine.tensor.drawing.Numbers;
import dev.vitrine.tensor.drawing.Rendering;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A tensor of two axes as a table of numbers: all of it, or its corners. */
final class Matrix {
  private static final int GAP = -1;
  private static final int MOST_ROWS = 40;
  private static final int HEADING = 8;

  private Matrix() {}

  /** All numbers, if they fit. */
  static Optional<List<String>> whole(Tensor matrix, Numbers numbers, Rendering rendering) {
    int[] sizes = matrix.shape();
    // A column takes three places at least, so much wider ones need not be tried.
    if (sizes[0] > MOST_ROWS || sizes[1] * 3L > rendering.width()) {
      return Optional.empty();
    }
    Table table = table(matrix, all(sizes[0]), all(sizes[1]), numbers, rendering);
    return table.width() <= rendering.width() ? Optional.of(table.lines()) : Optional.empty();
  }

  /** The numbers at the corners, as many as fit. */
  static List<String> corners(Tensor matrix, Numbers numbers, Rendering rendering) {
    int[] sizes = matrix.shape();
    List<Integer> rows = ends(sizes[0], 12);
    int columns = 12;
    Table table;
    do {
      table = table(matrix, rows, ends(sizes[1], columns--), numbers, rendering);
    } while (table.width() > rendering.width() && columns > 1);
    return table.lines();
  }

  private static List<Integer> all(int size) {
    return IntStream.range(0, size).boxed().toList();
  }

  /** All indices of a short axis; of a longer one the first two thirds, a gap, and the last. */
  private static List<Integer> ends(int size, int most) {
    if (size <= most) {
      return all(size);
    }
    int last = most / 3;
    List<Integer> indices = new ArrayList<>(all(most - last));
    indices.add(GAP);
    IntStream.range(size - last, size).forEach(indices::add);
    return indices;
  }

  private static Table table(
      Tensor matrix,
      List<Integer> rows,
      List<Integer> columns,
      Numbers numbers,
      Rendering rendering) {
    Dimension down = matrix.dimensions().get(0);
    Dimension across = matrix.dimensions().get(1);
    String gap = rendering.ascii() ? "..." : "…";
    Table table = new Table().column(down.axis() + " \\ " + across.axis(), true);
    for (int column : columns) {
      String label = column == GAP ? gap : heading(across, column, rendering);
      table.column(label, false);
    }
    for (int row : rows) {
      List<String> cells = new ArrayList<>();
      cells.add(row == GAP ? gap : Table.rowLabel(down, row, 16, rendering.ascii()));
      for (int column : columns) {
        cells.add(row == GAP || column == GAP ? gap : numbers.text(matrix.get(row, column)));
      }
      table.row(cells);
    }
    return table;
  }

  private static String heading(Dimension axis, int index, Rendering rendering) {
    String label = axis.label(index);
    return axis.isLabelled()
        ? Label.cut(Label.visible(label, rendering.ascii()), HEADING, rendering.ascii())
        : label;
  }
}
