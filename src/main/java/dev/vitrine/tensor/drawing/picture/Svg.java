package dev.vitrine.tensor.drawing.picture;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.Top;
import dev.vitrine.tensor.drawing.Grid;
import dev.vitrine.tensor.drawing.Ink;
import dev.vitrine.tensor.drawing.Label;
import dev.vitrine.tensor.drawing.Numbers;
import dev.vitrine.tensor.drawing.Scale;
import dev.vitrine.tensor.drawing.Slice;
import dev.vitrine.tensor.drawing.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Draws a tensor as SVG that stands alone: bars for one axis, otherwise heat maps, one for each
 * index of the axes before the last two, on a card of their own so that they can be read on light
 * and dark. Each cell says its place and number when pointed at. A picture has some 6,000 cells at
 * most; of a larger tensor a cell stands for several elements, and a note says so.
 */
public final class Svg {
  private static final int MOST_CELLS = 6000;
  private static final int MOST_PANELS = 16;
  private static final int MOST_BARS = 64;
  private static final double MARGIN = 16;
  private static final double WIDTH = 900;
  private static final double BAR = 160;

  private final Tensor tensor;
  private final Statistics statistics;
  private final Scale scale;
  private final boolean isAttention;
  private final List<Panel> panels = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private @Nullable BarChart bars;

  private Svg(Tensor tensor) {
    this.tensor = tensor;
    this.statistics = Statistics.of(tensor);
    this.isAttention = tensor.has(Axis.QUERY) && tensor.has(Axis.KEY);
    boolean shares = isAttention && !statistics.isSigned() && statistics.max() <= 1;
    this.scale = Scale.of(statistics, shares);
  }

  /** The whole document. */
  public static String of(Tensor tensor) {
    Svg svg = new Svg(tensor);
    if (tensor.elements() > 0) {
      svg.lay();
    } else {
      svg.notes.add("no elements");
    }
    return svg.draw();
  }

  /** Makes the panels. */
  private void lay() {
    Tensor seen = Slice.withoutSingles(tensor);
    if (seen.rank() == 0) {
      notes.add(Numbers.exact(seen.value(), seen.isDouble()));
      return;
    }
    if (seen.rank() == 1) {
      addBars(seen);
      return;
    }
    List<Dimension> outer = seen.dimensions().subList(0, seen.rank() - 2);
    long count = outer.stream().mapToLong(Dimension::size).reduce(1, Math::multiplyExact);
    int shown = (int) Math.min(count, MOST_PANELS);
    for (int i = 0; i < shown; i++) {
      Slice slice = Slice.of(seen, outer, i, false);
      addPanel(slice.matrix(), slice.name(), shown);
    }
    if (shown < count) {
      notes.add("the first " + shown + " of " + count + " maps");
    }
  }

  private void addBars(Tensor vector) {
    int size = vector.shape()[0];
    if (size <= MOST_BARS) {
      bars = new BarChart(vector, IntStream.range(0, size).boxed().toList(), statistics);
    } else {
      Top top = vector.top(MOST_BARS / 2);
      List<Integer> indices = top.entries().stream().map(Top.Entry::index).toList();
      bars = new BarChart(vector, indices, statistics);
      notes.add("the " + indices.size() + " largest of " + size);
    }
  }

  private void addPanel(Tensor matrix, String caption, int shown) {
    int side = (int) Math.sqrt((double) MOST_CELLS / shown);
    int[] sizes = matrix.shape();
    int rows = Math.max(side, MOST_CELLS / shown / Math.max(1, sizes[1]));
    int columns = Math.max(side, MOST_CELLS / shown / Math.max(1, sizes[0]));
    Grid grid = Grid.of(matrix, Math.min(rows, 200), Math.min(columns, 200));
    double room = shown == 1 ? 620 : 250;
    double most = shown == 1 ? 26 : 20;
    double width = Math.clamp(room / grid.columns(), 3, most);
    double height = Math.clamp(room / grid.rows(), 3, most);
    // Cells may be oblong, so that a few long rows can still bear their labels; attention is
    // square.
    double widest = isAttention ? height : Math.max(height, 14);
    double highest = isAttention ? width : Math.max(width, 14);
    if (grid.isPooled() && panels.isEmpty()) {
      notes.add(grid.note());
    }
    panels.add(new Panel(grid, scale, Math.min(width, widest), Math.min(height, highest), caption));
  }

  private String draw() {
    StringBuilder body = new StringBuilder();
    double top = MARGIN + 24;
    double x = MARGIN;
    double widest = WIDTH / 3;
    double rowHeight = 0;
    for (Panel panel : panels) {
      if (x > MARGIN && x + panel.width() > WIDTH) {
        x = MARGIN;
        top += rowHeight + 6;
        rowHeight = 0;
      }
      panel.draw(body, x, top);
      x += panel.width();
      widest = Math.max(widest, x);
      rowHeight = Math.max(rowHeight, panel.height());
    }
    if (bars != null) {
      bars.draw(body, MARGIN, top);
      widest = Math.max(widest, MARGIN + bars.width());
      rowHeight = bars.height();
    }
    top += rowHeight + 8;
    String title = Label.cut(Label.visible(tensor.title(), false), 150, false);
    widest = Math.max(widest, MARGIN + title.length() * 13 * Panel.LETTER);
    if (!panels.isEmpty()) {
      legend(body, top);
      top += 34;
    }
    if (scale.isLogarithmic() && !panels.isEmpty()) {
      notes.add("logarithmic scale");
    }
    notes.addAll(statistics.notFinite());
    for (String note : notes) {
      Card.line(body, "t", MARGIN, top + 11, note);
      widest = Math.max(widest, MARGIN + note.length() * 11 * Panel.LETTER);
      top += 16;
    }
    return Card.of(title, widest + MARGIN, top + MARGIN - 4, body);
  }

  /** A bar of all colours, with the numbers at its ends. */
  private void legend(StringBuilder svg, double y) {
    double largest = scale.largest();
    Numbers numbers = Numbers.forMagnitude(largest, largest == Math.rint(largest));
    boolean signed = statistics.isSigned();
    int steps = 80;
    for (int i = 0; i < steps; i++) {
      double share = (double) i / (steps - 1);
      svg.append("<rect x=\"")
          .append(Xml.number(MARGIN + i * BAR / steps))
          .append("\" y=\"")
          .append(Xml.number(y))
          .append("\" width=\"")
          .append(Xml.number(BAR / steps + 0.3))
          .append("\" height=\"9\" fill=\"")
          .append(Xml.colour(Ink.rgb(signed ? 2 * share - 1 : share)))
          .append("\"/>\n");
    }
    Card.line(
        svg,
        "t",
        MARGIN,
        y + 22,
        signed ? numbers.text(-largest) : scale.isLogarithmic() ? "1" : "0");
    Card.line(svg, "t r", MARGIN + BAR, y + 22, numbers.text(largest));
  }
}
