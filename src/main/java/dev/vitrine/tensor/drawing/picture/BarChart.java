package dev.vitrine.tensor.drawing.picture;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.drawing.DisplayWidth;
import dev.vitrine.tensor.drawing.Ink;
import dev.vitrine.tensor.drawing.Label;
import dev.vitrine.tensor.drawing.Numbers;
import dev.vitrine.tensor.drawing.Statistics;
import java.util.List;

/** The numbers of one axis as bars, with their labels on the left and themselves on the right. */
final class BarChart {
  private static final double ROW = 20;
  private static final double BARS = 380;
  private static final double LETTER = 11 * Panel.LETTER;

  private final Tensor vector;
  private final List<Integer> indices;
  private final Statistics statistics;
  private final double labels;

  /** The bars of some indices of a tensor of one axis. */
  BarChart(Tensor vector, List<Integer> indices, Statistics statistics) {
    this.vector = vector;
    this.indices = indices;
    this.statistics = statistics;
    this.labels =
        12 + LETTER * indices.stream().mapToInt(i -> DisplayWidth.of(label(i))).max().orElse(0);
  }

  double width() {
    return labels + BARS + 12 * LETTER;
  }

  double height() {
    return ROW * indices.size() + 8;
  }

  private String label(int index) {
    Dimension axis = vector.dimensions().getFirst();
    String label = Label.cut(Label.visible(axis.label(index), false), 24, false);
    return axis.isLabelled() ? index + "  " + label : label;
  }

  /** Appends the bars with their upper left corner at a place. */
  void draw(StringBuilder svg, double x, double y) {
    double below = Math.max(0, -statistics.min());
    double above = Math.max(0, statistics.max());
    double span = statistics.finite() == 0 || below + above == 0 ? 1 : below + above;
    double zero = x + labels + BARS * (statistics.finite() == 0 ? 0 : below / span);
    Numbers numbers = statistics.numbers();
    for (int i = 0; i < indices.size(); i++) {
      double value = vector.get(indices.get(i));
      double top = y + i * ROW;
      String text = numbers.text(value);
      text(svg, "t r", x + labels - 8, top + 14, label(indices.get(i)));
      text(svg, "t r", x + labels + BARS + 11 * LETTER, top + 14, text);
      if (Double.isFinite(value)) {
        double length = BARS * Math.abs(value) / span;
        svg.append("<rect x=\"" + Xml.number(value < 0 ? zero - length : zero))
            .append("\" y=\"" + Xml.number(top + 3) + "\" rx=\"1.5\" width=\"")
            .append(Xml.number(length) + "\" height=\"" + Xml.number(ROW - 6))
            .append("\" fill=\"" + Xml.colour(Ink.rgb(value < 0 ? -0.6 : 0.7)) + "\"><title>")
            .append(Xml.text(label(indices.get(i)) + ": "))
            .append(Numbers.exact(value, vector.isDouble()) + "</title></rect>\n");
      }
    }
    svg.append("<rect class=\"e\" x=\"" + Xml.number(zero - 0.5) + "\" y=\"" + Xml.number(y))
        .append("\" width=\"1\" height=\"" + Xml.number(ROW * indices.size()) + "\"/>\n");
  }

  private static void text(StringBuilder svg, String style, double x, double y, String text) {
    svg.append("<text class=\"" + style + "\" x=\"" + Xml.number(x) + "\" y=\"" + Xml.number(y))
        .append("\">" + Xml.text(text) + "</text>\n");
  }
}
