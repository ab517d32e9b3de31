package dev.vitrine.cli.experiment;

import dev.vitrine.analysis.experiment.Effect;
import dev.vitrine.analysis.experiment.Effect.Moved;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.RunHeader;
import dev.vitrine.cli.terminal.Style;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What edits did, on one screen. */
final class EffectScreen {
  private static final int MOST_COLUMNS = 100;
  private static final int LONGEST_LABEL = 14;
  private static final int NUMBER = 8;

  /** From here on the logits before and after have room. */
  private static final int WIDE = 60;

  private final Effect effect;
  private final int top;
  private final Style style;
  private final int width;
  private final int label;
  private final List<String> lines = new ArrayList<>();

  EffectScreen(Effect effect, int top, Style style, int width) {
    this.effect = effect;
    this.top = top;
    this.style = style;
    this.width = Math.min(width, MOST_COLUMNS);
    this.label = Math.clamp(this.width - 2 - 3 * NUMBER, 1, LONGEST_LABEL);
  }

  List<String> lines(String modelName) {
    lines.addAll(new RunHeader(effect.after(), style, width).lines(modelName));
    heading("Edits", "and what they did");
    lines.addAll(Receipts.lines(effect.after(), style, width));
    heading("Predictions", "the likeliest tokens before and after");
    Set<Moved> likeliest = new LinkedHashSet<>(effect.predictedBefore(top));
    likeliest.addAll(effect.predictedAfter(top));
    table(List.copyOf(likeliest));
    heading("Moved most", "the tokens whose logits changed most");
    table(effect.tokens().stream().limit(top).toList());
    summary();
    return lines.stream().map(String::stripTrailing).toList();
  }

  private void heading(String title, String explanation) {
    lines.add("");
    String rest = Columns.fit(explanation, Math.max(0, width - title.length() - 2), style);
    lines.add(style.heading(title) + "  " + style.faint(rest));
  }

  private void table(List<Moved> tokens) {
    boolean wide = width >= WIDE;
    int bars = width - 2 - label - (wide ? 5 : 3) * NUMBER - 1;
    String logits = wide ? right("logit") + right("after") : "";
    String head = right("before") + right("after") + logits + right("change");
    lines.add("  " + Columns.left("", label) + style.faint(head));
    double largest = tokens.stream().mapToDouble(token -> Math.abs(token.change())).max().orElse(1);
    for (Moved token : tokens) {
      String name = RunHeader.label(effect.after().model(), token.piece(), style);
      StringBuilder line =
          new StringBuilder("  " + Columns.left(Columns.fit(name, label - 1, style), label));
      line.append(right(percent(token.probabilityBefore())));
      line.append(right(percent(token.probabilityAfter())));
      if (wide) {
        line.append(right(number(token.logitBefore()))).append(right(number(token.logitAfter())));
      }
      line.append(right(signed(token.change())));
      if (bars >= 4) {
        String bar = style.bar(Math.abs(token.change()) / largest, bars);
        line.append(' ').append(token.change() < 0 ? style.negative(bar) : style.positive(bar));
      }
      lines.add(line.toString());
    }
  }

  private void summary() {
    heading("Effect", "");
    item("KL", String.format(Locale.ROOT, "%.4g nats at the last token", effect.kl()));
    if (effect.lossBefore().isPresent() && effect.lossAfter().isPresent()) {
      double before = effect.lossBefore().getAsDouble();
      double after = effect.lossAfter().getAsDouble();
      String arrow = style.unicode() ? "→" : "->";
      item(
          "loss",
          String.format(Locale.ROOT, "%.4f %s %.4f (%+.4f)", before, arrow, after, after - before));
    }
    String work = effect.after().work().toString();
    item("work", style.unicode() ? work : work.replace("×", "x"));
  }

  private void item(String name, String text) {
    String start = name;
    for (String part : Columns.wrap(text, width - 8)) {
      lines.add("  " + style.faint(Columns.left(start, 6)) + part);
      start = "";
    }
  }

  private static String right(String text) {
    return Columns.right(text, NUMBER);
  }

  private static String percent(double probability) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * probability);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.2f", value);
  }
}
