package dev.vitrine.tensor.drawing.terminal;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.Top;
import dev.vitrine.tensor.drawing.DisplayWidth;
import dev.vitrine.tensor.drawing.Label;
import dev.vitrine.tensor.drawing.Numbers;
import dev.vitrine.tensor.drawing.Rendering;
import dev.vitrine.tensor.drawing.Slice;
import dev.vitrine.tensor.drawing.Statistics;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Draws a tensor in text: a heading with name, shape and precision, and below it what suits the
 * shape. Axes of size 1 are left out of the picture.
 */
public final class TextDrawing {
  private static final int MOST_BARS = 40;
  private static final int MOST_LINES = 100;

  /** Axes whose indices mean nothing one by one: of a large tensor only the corners are shown. */
  private static final Set<Axis> FEATURES =
      EnumSet.of(Axis.D_MODEL, Axis.D_HEAD, Axis.D_MLP, Axis.VOCAB);

  private final Tensor tensor;
  private final Rendering rendering;
  private final Statistics statistics;
  private final Numbers numbers;

  private TextDrawing(Tensor tensor, Rendering rendering) {
    this.tensor = tensor;
    this.rendering = rendering;
    this.statistics = Statistics.of(tensor);
    this.numbers = statistics.numbers();
  }

  /** The tensor as the rendering says; no line is wider than it allows. */
  public static String of(Tensor tensor, Rendering rendering) {
    String heading = heading(tensor, rendering);
    if (tensor.elements() == 0) {
      return heading + "\nno elements";
    }
    Tensor seen = Slice.withoutSingles(tensor);
    if (seen.rank() == 0) {
      String number = Numbers.exact(seen.value(), seen.isDouble());
      boolean fits = DisplayWidth.of(heading + number) + 2 <= rendering.width();
      String cut = Label.cut(number, rendering.width(), rendering.ascii());
      return heading + (fits && !heading.contains("\n") ? "  " : "\n") + cut;
    }
    StringBuilder text = new StringBuilder(heading);
    for (String line : new TextDrawing(seen, rendering).body()) {
      text.append('\n').append(Ansi.cut(line, rendering.width(), rendering.ascii()));
    }
    return text.toString();
  }

  /** The title; where that is too wide, the shape has a line of its own. */
  private static String heading(Tensor tensor, Rendering rendering) {
    String title = Label.visible(tensor.title(), rendering.ascii());
    String shape = tensor.withoutOrigin().title();
    if (DisplayWidth.of(title) <= rendering.width() || tensor.origin().isEmpty()) {
      return Label.cut(title, rendering.width(), rendering.ascii());
    }
    String name = Label.visible(tensor.origin().get().name(), rendering.ascii());
    return Label.cut(name, rendering.width(), rendering.ascii())
        + "\n"
        + Label.cut(shape, rendering.width(), rendering.ascii());
  }

  private List<String> body() {
    return switch (tensor.rank()) {
      case 1 -> vector();
      case 2 -> small(tensor).orElseGet(() -> large(tensor));
      default -> slices();
    };
  }

  private List<String> vector() {
    Dimension axis = tensor.dimensions().getFirst();
    if (axis.size() > MOST_BARS) {
      List<String> lines = new ArrayList<>(summary());
      lines.add(ends("largest   ", tensor.top(5), 1));
      lines.add(ends("smallest  ", tensor.negate().top(5), -1));
      return lines;
    }
    int widest = 0;
    List<String> labels = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < axis.size(); i++) {
      labels.add(Table.rowLabel(axis, i, 24, rendering.ascii()));
      values.add(numbers.text(tensor.get(i)));
      widest = Math.max(widest, DisplayWidth.of(labels.get(i)) + values.get(i).length());
    }
    int room = Math.clamp(rendering.width() - widest - 6L, 1, 50);
    Bars bars = Bars.of(statistics, room, rendering);
    Table table = new Table().column("", true).column("", false).column("", true);
    for (int i = 0; i < axis.size(); i++) {
      table.row(List.of(labels.get(i), values.get(i), bars.bar(tensor.get(i))));
    }
    return table.lines();
  }

  /** The entries that fit into a line. */
  private String ends(String name, Top top, int sign) {
    Dimension axis = tensor.dimensions().getFirst();
    StringBuilder line = new StringBuilder(name);
    String separator = "";
    for (Top.Entry entry : top) {
      String label = Table.rowLabel(axis, entry.index(), 16, rendering.ascii()).strip();
      String next = separator + label + ": " + numbers.text(sign * entry.value());
      if (DisplayWidth.of(line + next) > rendering.width()) {
        break;
      }
      line.append(next);
      separator = rendering.ascii() ? " | " : " · ";
    }
    return line.toString();
  }

  /** A matrix drawn whole, as numbers or as shades; empty if only its corners can be. */
  private Optional<List<String>> small(Tensor matrix) {
    if (HeatMap.isAttention(matrix)) {
      return Optional.of(HeatMap.lines(matrix, statistics, rendering));
    }
    Optional<List<String>> table = Matrix.whole(matrix, numbers, rendering);
    if (table.isPresent() || matrix.axes().stream().anyMatch(FEATURES::contains)) {
      return table;
    }
    return Optional.of(HeatMap.lines(matrix, statistics, rendering));
  }

  private List<String> large(Tensor matrix) {
    List<String> lines = new ArrayList<>(summary());
    lines.addAll(Matrix.corners(matrix, numbers, rendering));
    return lines;
  }

  /** Slice after slice over all axes but the last two, as many as fit a screen or two. */
  private List<String> slices() {
    List<Dimension> outer = tensor.dimensions().subList(0, tensor.rank() - 2);
    int count = outer.stream().mapToInt(Dimension::size).reduce(1, Math::multiplyExact);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Slice slice = Slice.of(tensor, outer, i, rendering.ascii());
      Optional<List<String>> drawn = small(slice.matrix());
      if (drawn.isEmpty()) {
        lines.addAll(summary());
        lines.add(slice.name() + ", the first of " + count + ":");
        lines.addAll(Matrix.corners(slice.matrix(), numbers, rendering));
        return lines;
      }
      if (i > 0 && lines.size() + drawn.get().size() >= MOST_LINES) {
        lines.add("and " + (count - i) + " more, from " + slice.name());
        return lines;
      }
      lines.add(slice.name());
      lines.addAll(drawn.get());
    }
    return lines;
  }

  private List<String> summary() {
    String line = String.join(rendering.ascii() ? " | " : " · ", statistics.parts());
    if (statistics.finite() < 2 || statistics.min() == statistics.max()) {
      return List.of(line);
    }
    return List.of(line, histogram());
  }

  private String histogram() {
    long[] counts = statistics.histogram(tensor, 24);
    long most = 1;
    for (long number : counts) {
      most = Math.max(most, number);
    }
    String levels = rendering.ascii() ? " .:-=+*#@" : " ▁▂▃▄▅▆▇█";
    StringBuilder line = new StringBuilder(numbers.text(statistics.min())).append(' ');
    for (long number : counts) {
      // Anything at all is seen: the lowest level is for an empty bin alone.
      int level = number == 0 ? 0 : 1 + (int) (7 * number / most);
      line.append(levels.charAt(level));
    }
    return line.append(' ').append(numbers.text(statistics.max())).toString();
  }
}
