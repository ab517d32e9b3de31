package dev.vitrine.cli.weights;

import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Label;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.weights.inspect.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The tensors of a file, one a line; as many of the statistics as the terminal has room for. */
final class TensorTable {
  /** In front of all names that transformers saves: not worth a column. */
  private static final String PREFIX = "transformer.";

  private static final int LEAST_NAME = 16;
  private static final int DTYPE = 5;
  private static final int NUMBER = 10;
  private static final List<String> STATISTICS = List.of("min", "max", "mean", "norm");

  private final List<Statistics> tensors;
  private final Style style;
  private final int shape;
  private final int numbers;
  private final int name;

  TensorTable(List<Statistics> tensors, Style style, int width) {
    this.tensors = tensors;
    this.style = style;
    this.shape = longest("shape", tensors.stream().map(TensorTable::shape).toList());
    int longest = longest("tensor", tensors.stream().map(tensor -> label(tensor, style)).toList());
    int fixed = 2 + DTYPE + 2 + shape;
    this.numbers =
        Math.clamp((width - fixed - Math.min(longest, LEAST_NAME)) / NUMBER, 0, STATISTICS.size());
    this.name = Math.clamp(width - fixed - numbers * NUMBER, 1, longest);
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(style.faint(line("tensor", "dtype", "shape", STATISTICS)));
    for (Statistics tensor : tensors) {
      List<String> values =
          List.of(
              number(tensor.least()),
              number(tensor.most()),
              number(tensor.mean()),
              number(tensor.norm()));
      lines.add(line(end(label(tensor, style)), tensor.dtype().name(), shape(tensor), values));
      if (tensor.nans() + tensor.infinities() > 0) {
        String faults =
            ModelDrawing.grouped(tensor.nans())
                + " NaN, "
                + ModelDrawing.grouped(tensor.infinities())
                + " infinite";
        lines.add("  " + style.negative(faults));
      }
    }
    lines.add(style.faint(tensors.size() + (tensors.size() == 1 ? " tensor" : " tensors")));
    return lines;
  }

  private String line(String tensor, String dtype, String axes, List<String> values) {
    StringBuilder line = new StringBuilder();
    line.append(Columns.left(tensor, name));
    line.append("  ").append(Columns.left(dtype, DTYPE));
    line.append("  ").append(Columns.left(axes, shape));
    for (String value : values.subList(0, numbers)) {
      line.append(Columns.right(value, NUMBER));
    }
    return line.toString().stripTrailing();
  }

  private static int longest(String heading, List<String> texts) {
    return Math.max(heading.length(), texts.stream().mapToInt(Columns::width).max().orElse(0));
  }

  private static String label(Statistics tensor, Style style) {
    return Label.of(tensor.name(), style);
  }

  /** Cut at the front, as the end of a name says more than its beginning. */
  private String end(String text) {
    if (Columns.width(text) <= name) {
      return text;
    }
    String cut = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
    if (Columns.width(cut) <= name) {
      return cut;
    }
    while (!cut.isEmpty() && Columns.width(style.ellipsis() + cut) > name) {
      cut = cut.substring(cut.offsetByCodePoints(0, 1));
    }
    return style.ellipsis() + cut;
  }

  private static String shape(Statistics tensor) {
    return tensor.shape().isEmpty()
        ? "one"
        : tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  private static String number(double value) {
    double size = Math.abs(value);
    String format = size != 0 && (size < 1e-3 || size >= 1e4) ? "%.2e" : "%.4f";
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }
}
