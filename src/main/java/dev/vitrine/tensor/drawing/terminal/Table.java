package dev.vitrine.tensor.drawing.terminal;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.drawing.DisplayWidth;
import dev.vitrine.tensor.drawing.Label;
import java.util.ArrayList;
import java.util.List;

/** Columns of text under headings, each as wide as what is in it. */
final class Table {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final List<Boolean> toTheLeft = new ArrayList<>();

  /** Adds a column with its heading. */
  Table column(String heading, boolean left) {
    if (rows.isEmpty()) {
      rows.add(new ArrayList<>());
    }
    rows.getFirst().add(heading);
    toTheLeft.add(left);
    return this;
  }

  /** Adds a row with a cell for each column. */
  void row(List<String> cells) {
    rows.add(List.copyOf(cells));
  }

  /** The columns that it takes. */
  int width() {
    int width = 0;
    for (int columns : widths()) {
      width += columns + GAP.length();
    }
    return width - GAP.length();
  }

  /** The lines, the headings first unless all are empty. */
  List<String> lines() {
    int[] widths = widths();
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i);
        line.append(i == 0 ? "" : GAP)
            .append(
                toTheLeft.get(i)
                    ? Label.padRight(cell, widths[i])
                    : Label.padLeft(cell, widths[i]));
      }
      lines.add(line.toString().stripTrailing());
    }
    if (lines.getFirst().isEmpty()) {
      lines.removeFirst();
    }
    return lines;
  }

  private int[] widths() {
    int[] widths = new int[toTheLeft.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], DisplayWidth.of(row.get(i)));
      }
    }
    return widths;
  }

  /** An index with its label, such as {@code 3 ␣Mary}; the label alone where it is a number. */
  static String rowLabel(Dimension dimension, int index, int columns, boolean ascii) {
    String label = dimension.label(index);
    if (!dimension.isLabelled()) {
      return label;
    }
    int digits = Integer.toString(Math.max(0, dimension.size() - 1)).length();
    String number = Label.padLeft(Integer.toString(index), digits);
    return number + " " + Label.cut(Label.visible(label, ascii), columns, ascii);
  }
}
