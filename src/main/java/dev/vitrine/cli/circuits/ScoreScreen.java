package dev.vitrine.cli.circuits;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.LAYER;

import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.Top;
import dev.vitrine.tensor.drawing.Rendering;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Scores of heads on a screen. */
final class ScoreScreen {
  private static final int MOST_COLUMNS = 100;
  private static final int CELL = 6;

  private final Terminal terminal;
  private final Style style;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  ScoreScreen(Terminal terminal) {
    this.terminal = terminal;
    this.style = Style.of(terminal);
    this.width = Math.min(terminal.width(), MOST_COLUMNS);
  }

  /** What is looked at. */
  void header(String name, Gpt2 model, String input) {
    Config config = model.config();
    String shape = config.layers() + " layers " + style.times() + " " + config.heads() + " heads";
    String what =
        String.join(
            style.dot(),
            Stream.of(name, shape, model.backend().name(), "view " + model.view(), input)
                .filter(part -> !part.isEmpty())
                .toList());
    line(style.faint(Columns.fit(what, width, style)));
  }

  void heading(String title, String explanation) {
    line("");
    String rest = Columns.fit(explanation, Math.max(0, width - title.length() - 2), style);
    line(style.heading(title) + "  " + style.faint(rest));
  }

  void line(String text) {
    lines.add(text);
  }

  /** What the edits of a run did. */
  void receipts(Trace trace) {
    lines.addAll(Receipts.lines(trace, style, width));
  }

  /** Something of a kind that has a name and a number or some words. */
  void entries(Map<String, String> entries) {
    int names = entries.keySet().stream().mapToInt(Columns::width).max().orElse(0);
    entries.forEach((name, text) -> {
      String start = "  " + Columns.left(name, names) + "  ";
      line(start + Columns.fit(text, Math.max(1, width - Columns.width(start)), style));
    });
  }

  /** As many of some items as a line has room for, behind their name. */
  void items(String name, List<String> items) {
    StringBuilder text = new StringBuilder("  " + Columns.left(name, 5));
    for (String item : items) {
      if (Columns.width(text + "  " + item) > width) {
        break;
      }
      text.append("  ").append(item);
    }
    line(text.toString());
  }

  /** A row for each layer, a column for each head; wide tables go on below. */
  void table(Tensor scores) {
    Tensor ordered = scores.permute(LAYER, HEAD);
    double[] magnitudes = ordered.abs().map(x -> Double.isNaN(x) ? 0 : x).doubles();
    double most = Arrays.stream(magnitudes).max().orElse(0);
    int perRow = Math.max(1, (width - 8) / (CELL + 1));
    for (int from = 0; from < ordered.size(HEAD); from += perRow) {
      int to = Math.min(from + perRow, ordered.size(HEAD));
      StringBuilder head = new StringBuilder(Columns.left("  head", 8));
      for (int h = from; h < to; h++) {
        head.append(Columns.right(Integer.toString(h), CELL)).append(' ');
      }
      line(style.faint(head.toString().stripTrailing()));
      for (int layer = 0; layer < ordered.size(LAYER); layer++) {
        StringBuilder row = new StringBuilder(Columns.left("  L" + layer, 8));
        for (int h = from; h < to; h++) {
          row.append(cell(ordered.get(layer, h), most)).append(' ');
        }
        line(row.toString().stripTrailing());
      }
    }
  }

  private String cell(double score, double most) {
    String text = Columns.right(String.format(Locale.ROOT, "%.3f", score), CELL);
    double share = most == 0 ? 0 : score / most;
    return share >= 0.7
        ? style.strong(text)
        : share <= -0.7 ? style.negative(text) : Math.abs(share) < 0.1 ? style.faint(text) : text;
  }

  /** The best heads in falling order; those whose score is no number are not among them. */
  static List<Top.Entry> best(Tensor scores, int count) {
    Tensor ordered = scores.permute(LAYER, HEAD);
    return ordered.top(ordered.doubles().length).entries().stream()
        .filter(entry -> !Double.isNaN(entry.value()))
        .limit(count)
        .toList();
  }

  /** The best heads, on a line; on another how many have no score. */
  void showBest(Tensor scores, int count) {
    int heads = scores.size(HEAD);
    int all = heads * scores.size(LAYER);
    int numbers = best(scores, all).size();
    if (numbers < all) {
      line("  NaN: %d of %d heads, ranked nowhere".formatted(all - numbers, all));
    }
    if (numbers == 0) {
      return;
    }
    StringBuilder line = new StringBuilder("  best:");
    for (Top.Entry entry : best(scores, count)) {
      String next =
          String.format(
              Locale.ROOT,
              " L%dH%d %.3f",
              entry.index() / heads,
              entry.index() % heads,
              entry.value());
      if (Columns.width(line + next) > width) {
        break;
      }
      line.append(next);
    }
    line(line.toString());
  }

  /** A tensor as it draws itself. */
  void drawing(Tensor tensor) {
    Rendering rendering = new Rendering(width - 2, !style.unicode(), style.colour());
    tensor.withoutOrigin().draw(rendering).lines().skip(1).forEach(text -> line("  " + text));
  }

  void print() {
    lines.forEach(text -> terminal.line(text.stripTrailing()));
  }
}
