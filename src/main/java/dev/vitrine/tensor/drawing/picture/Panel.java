package dev.vitrine.tensor.drawing.picture;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.drawing.DisplayWidth;
import dev.vitrine.tensor.drawing.Grid;
import dev.vitrine.tensor.drawing.Ink;
import dev.vitrine.tensor.drawing.Label;
import dev.vitrine.tensor.drawing.Numbers;
import dev.vitrine.tensor.drawing.Scale;

/** One heat map in a picture: coloured cells, the labels of rows and columns, and a caption. */
final class Panel {
  /** The share of the size of the letters that a letter of a monospaced font is wide. */
  static final double LETTER = 0.602;

  private static final int FONT = 11;
  private static final int LONGEST = 18;
  private static final int SMALLEST_LABELLED = 12;

  private final Grid grid;
  private final Scale scale;
  private final double cellWidth;
  private final double cellHeight;
  private final String caption;

  /**
   * A panel.
   *
   * @param scale how numbers become colours
   * @param cellWidth the width of a cell
   * @param cellHeight the height of a cell
   * @param caption what stands above it; may be empty
   */
  Panel(Grid grid, Scale scale, double cellWidth, double cellHeight, String caption) {
    this.grid = grid;
    this.scale = scale;
    this.cellWidth = cellWidth;
    this.cellHeight = cellHeight;
    this.caption = caption;
  }

  /** The room left of the cells. */
  double left() {
    return 8 + widest(grid.rowAxis(), grid.rows(), true) * FONT * LETTER;
  }

  /** The room above the cells. */
  double above() {
    double slanted = widest(grid.columnAxis(), grid.columns(), false) * FONT * LETTER * 0.71;
    return 12 + slanted + (caption.isEmpty() ? 0 : 18);
  }

  /** The room right of the cells, where the last column's label leans over. */
  double right() {
    return 8 + widest(grid.columnAxis(), grid.columns(), false) * FONT * LETTER * 0.5;
  }

  double width() {
    return left() + grid.columns() * cellWidth + right();
  }

  double height() {
    return above() + grid.rows() * cellHeight + 8;
  }

  private int widest(Dimension axis, int count, boolean isRow) {
    int widest = axis.axis().toString().length();
    for (int i = 0; i < count; i++) {
      if (isShown(i, isRow ? cellHeight : cellWidth)) {
        int index = isRow ? grid.rowIndex(i) : grid.columnIndex(i);
        widest = Math.max(widest, DisplayWidth.of(label(axis, index)));
      }
    }
    return widest;
  }

  /** All labels where cells are as large as letters; otherwise some, evenly spaced. */
  private static boolean isShown(int place, double cell) {
    return cell >= SMALLEST_LABELLED || place % (int) Math.ceil(3 * SMALLEST_LABELLED / cell) == 0;
  }

  private static String label(Dimension axis, int index) {
    return Label.cut(Label.visible(axis.label(index), false), LONGEST, false);
  }

  /** Appends the panel with its upper left corner at a place. */
  void draw(StringBuilder svg, double x, double y) {
    svg.append("<g transform=\"translate(")
        .append(Xml.number(x + left()))
        .append(' ')
        .append(Xml.number(y + above()))
        .append(")\">\n");
    if (!caption.isEmpty()) {
      text(svg, "c", 0, 14 - above(), "", caption);
    }
    rowLabels(svg);
    columnLabels(svg);
    svg.append("<rect class=\"e\" width=\"")
        .append(Xml.number(grid.columns() * cellWidth))
        .append("\" height=\"")
        .append(Xml.number(grid.rows() * cellHeight))
        .append("\"/>\n");
    for (int row = 0; row < grid.rows(); row++) {
      for (int column = 0; column < grid.columns(); column++) {
        cell(svg, row, column);
      }
    }
    svg.append("</g>\n");
  }

  private void rowLabels(StringBuilder svg) {
    text(svg, "a r", -5, -5, "", grid.rowAxis().axis().toString());
    for (int row = 0; row < grid.rows(); row++) {
      if (isShown(row, cellHeight)) {
        String label = label(grid.rowAxis(), grid.rowIndex(row));
        text(svg, "t r", -5, (row + 0.5) * cellHeight + 4, "", label);
      }
    }
  }

  private void columnLabels(StringBuilder svg) {
    for (int column = 0; column < grid.columns(); column++) {
      if (isShown(column, cellWidth)) {
        String label = label(grid.columnAxis(), grid.columnIndex(column));
        text(svg, "t", 0, 0, turned((column + 0.5) * cellWidth + 3), label);
      }
    }
    text(
        svg,
        "a",
        0,
        0,
        turned(grid.columns() * cellWidth + 12),
        grid.columnAxis().axis().toString());
  }

  private static String turned(double x) {
    return " transform=\"translate(" + Xml.number(x) + " -5) rotate(-45)\"";
  }

  private static void text(
      StringBuilder svg, String style, double x, double y, String transform, String text) {
    svg.append("<text class=\"").append(style).append('"');
    if (x != 0 || y != 0) {
      svg.append(" x=\"").append(Xml.number(x)).append("\" y=\"").append(Xml.number(y)).append('"');
    }
    svg.append(transform).append('>').append(Xml.text(text)).append("</text>\n");
  }

  private void cell(StringBuilder svg, int row, int column) {
    double value = grid.at(row, column);
    // A hair's breadth between the cells, where they are large enough for it to be seen.
    double gap = Math.min(cellWidth, cellHeight) >= 8 ? 1 : 0;
    svg.append("<rect x=\"")
        .append(Xml.number(column * cellWidth))
        .append("\" y=\"")
        .append(Xml.number(row * cellHeight))
        .append("\" width=\"")
        .append(Xml.number(cellWidth - gap))
        .append("\" height=\"")
        .append(Xml.number(cellHeight - gap))
        .append('"')
        .append(fill(value))
        .append("><title>")
        .append(Xml.text(title(row, column, value)))
        .append("</title></rect>\n");
  }

  private String fill(double value) {
    if (Double.isNaN(value)) {
      return " class=\"n\"";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? " class=\"i\"" : " class=\"m\"";
    }
    return " fill=\"" + Xml.colour(Ink.rgb(scale.share(value))) + "\"";
  }

  private String title(int row, int column, double value) {
    return place(grid.rowAxis(), grid.rowIndex(row))
        + ", "
        + place(grid.columnAxis(), grid.columnIndex(column))
        + (grid.isPooled() ? " …" : "")
        + ": "
        + Numbers.exact(value, grid.isDouble());
  }

  private static String place(Dimension axis, int index) {
    String label = Label.visible(axis.label(index), false);
    return axis.axis() + " " + (axis.isLabelled() ? index + " " + label : label);
  }
}
