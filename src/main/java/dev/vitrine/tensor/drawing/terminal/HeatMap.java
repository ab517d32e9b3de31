package dev.vitrine.tensor.drawing.terminal;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.drawing.DisplayWidth;
import dev.vitrine.tensor.drawing.Grid;
import dev.vitrine.tensor.drawing.Label;
import dev.vitrine.tensor.drawing.Numbers;
import dev.vitrine.tensor.drawing.Rendering;
import dev.vitrine.tensor.drawing.Scale;
import dev.vitrine.tensor.drawing.Statistics;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor of two axes as shades, two columns of text a cell. What is below zero has a minus before
 * its shade; zero, and what is masked, is left blank. Rows of attention also say where most of it
 * goes.
 */
final class HeatMap {
  private static final int MOST_ROWS = 48;
  private static final int NOTE = 26;

  private final Tensor matrix;
  private final Rendering rendering;
  private final Statistics statistics;
  private final boolean isAttention;
  private final boolean saysStrongest;
  private final int labels;
  private final int cell;
  private final Grid grid;
  private final Scale scale;

  private HeatMap(Tensor matrix, Statistics statistics, Rendering rendering) {
    this.matrix = matrix;
    this.rendering = rendering;
    this.statistics = statistics;
    this.isAttention = isAttention(matrix);
    boolean shares = isAttention && !statistics.isSigned() && statistics.max() <= 1;
    this.scale = Scale.of(statistics, shares);
    Dimension down = matrix.dimensions().get(0);
    int widest = rendering.width() < 60 ? 8 : 14;
    int label = down.axis().toString().length();
    for (int i = 0; i < Math.min(down.size(), 512); i++) {
      label = Math.max(label, DisplayWidth.of(rowLabel(down, i, widest)));
    }
    this.labels = label;
    int columns = matrix.shape()[1];
    int room = rendering.width() - labels - 1;
    boolean fitsNote = 2 * Math.min(columns, 16) + NOTE <= room;
    this.saysStrongest = isAttention && fitsNote && matrix.shape()[0] <= MOST_ROWS;
    int name = matrix.axes().get(1).toString().length() + "   across".length();
    int forCells = room - (saysStrongest ? NOTE : Math.min(name, room / 4));
    boolean narrow = 2 * columns > forCells && !statistics.isSigned() && !rendering.colour();
    this.cell = narrow ? 1 : 2;
    this.grid = Grid.of(matrix, MOST_ROWS, forCells / cell);
  }

  /** The lines of the map of a tensor, on the scale of some statistics. */
  static List<String> lines(Tensor matrix, Statistics statistics, Rendering rendering) {
    return new HeatMap(matrix, statistics, rendering).draw();
  }

  /** Whether the axes are those of an attention pattern or its scores. */
  static boolean isAttention(Tensor matrix) {
    return matrix.has(Axis.QUERY) && matrix.has(Axis.KEY);
  }

  private List<String> draw() {
    List<String> lines = new ArrayList<>();
    String corner = Label.padRight(grid.rowAxis().axis().toString(), labels);
    String cells = Label.padRight(ticks(), grid.columns() * cell);
    String across = saysStrongest ? "strongest key" : grid.columnAxis().axis() + " across";
    lines.add(corner + " " + cells + "  " + across);
    for (int row = 0; row < grid.rows(); row++) {
      lines.add(row(row).stripTrailing());
    }
    lines.add(" ".repeat(labels + 1) + legend());
    if (grid.isPooled()) {
      lines.add(" ".repeat(labels + 1) + grid.note());
    }
    lines.addAll(columnLabels());
    return lines;
  }

  /** Some of the columns' indices. */
  private String ticks() {
    StringBuilder line = new StringBuilder();
    int every = cell == 2 ? 5 : 10;
    for (int column = 0; column < grid.columns(); column += every) {
      Dimension across = grid.columnAxis();
      int index = grid.columnIndex(column);
      String tick = across.isLabelled() ? Integer.toString(index) : across.label(index);
      line.append(Label.padRight(Label.cut(tick, every * cell - 1, true), every * cell));
    }
    return line.toString().stripTrailing();
  }

  private String rowLabel(Dimension axis, int index, int columns) {
    return Label.cut(
        Table.rowLabel(axis, index, columns, rendering.ascii()), columns + 6, rendering.ascii());
  }

  private String row(int row) {
    int index = grid.rowIndex(row);
    int widest = rendering.width() < 60 ? 8 : 14;
    String label = rowLabel(grid.rowAxis(), index, widest);
    StringBuilder line = new StringBuilder(Label.padRight(label, labels)).append(' ');
    for (int column = 0; column < grid.columns(); column++) {
      line.append(cell(grid.at(row, column)));
    }
    if (saysStrongest) {
      line.append(strongest(index));
    }
    return line.toString();
  }

  private String cell(double x) {
    if (Double.isNaN(x)) {
      return "??".substring(0, cell);
    }
    if (x == Double.NEGATIVE_INFINITY && isAttention) {
      return " ".repeat(cell);
    }
    if (Double.isInfinite(x)) {
      String sign = x > 0 ? "+" : "-";
      return cell == 1 ? "!" : sign + (rendering.ascii() ? "i" : "∞");
    }
    double share = scale.share(x);
    if (rendering.colour()) {
      return share == 0 ? "  " : Ansi.background("  ", share);
    }
    String shade = shade(Math.abs(share));
    return share < 0 ? "-" + shade : shade.repeat(cell);
  }

  private String shade(double share) {
    String shades = rendering.ascii() ? " .:+#@" : " ·░▒▓█";
    int level =
        share == 0
            ? 0
            : share <= 0.05 ? 1 : share <= 0.25 ? 2 : share <= 0.5 ? 3 : share <= 0.75 ? 4 : 5;
    return shades.substring(level, level + 1);
  }

  private String strongest(int query) {
    int best = -1;
    for (int key = 0; key < matrix.shape()[1]; key++) {
      double x = matrix.get(query, key);
      if (!Double.isNaN(x) && (best < 0 || x > matrix.get(query, best))) {
        best = key;
      }
    }
    if (best < 0) {
      return "";
    }
    String number = statistics.numbers().text(matrix.get(query, best));
    String arrow = rendering.ascii() ? "  > " : "  → ";
    int room = NOTE - DisplayWidth.of(arrow) - number.length() - 1;
    String key = Table.rowLabel(matrix.dimensions().get(1), best, 12, rendering.ascii());
    return arrow + Label.cut(key, room, rendering.ascii()) + " " + number;
  }

  private String legend() {
    StringBuilder legend = new StringBuilder();
    double largest = scale.largest();
    Numbers numbers = Numbers.forMagnitude(largest, largest == 1 || scale.isLogarithmic());
    if (statistics.isSigned() && !rendering.colour()) {
      legend.append("size: ");
    }
    double from = statistics.isSigned() && rendering.colour() ? -1 : 0;
    String least = scale.isLogarithmic() ? "1 (blank)" : "0";
    legend.append(from < 0 ? numbers.text(-largest) : least).append(' ');
    for (double share : new double[] {0.03, 0.2, 0.4, 0.7, 1}) {
      double at = from < 0 ? 2 * share - 1 : share;
      legend.append(rendering.colour() ? Ansi.background("  ", at) : shade(share).repeat(2));
    }
    legend.append(' ').append(numbers.text(largest));
    legend.append(scale.isLogarithmic() ? ", logarithmic" : "");
    for (String part : statistics.notFinite()) {
      boolean masked = isAttention && part.endsWith("-inf");
      legend.append(", ").append(part).append(masked ? " left blank" : "");
    }
    return legend.toString();
  }

  /** The columns' labels, where the rows' do not say them already. */
  private List<String> columnLabels() {
    Dimension across = grid.columnAxis();
    if (!across.isLabelled() || across.labels().equals(grid.rowAxis().labels())) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(across.axis() + ":");
    for (int i = 0; i < across.size() && lines.size() < 4; i++) {
      String next =
          " "
              + i
              + " "
              + Label.cut(Label.visible(across.label(i), rendering.ascii()), 16, rendering.ascii());
      if (DisplayWidth.of(line + next) > rendering.width()) {
        lines.add(line.toString());
        line = new StringBuilder(" ");
      }
      line.append(next);
    }
    if (lines.size() < 4) {
      lines.add(line.toString());
    } else {
      lines.set(
          3,
          Label.cut(
              lines.get(3) + " ".repeat(rendering.width()), rendering.width(), rendering.ascii()));
    }
    return lines;
  }
}
