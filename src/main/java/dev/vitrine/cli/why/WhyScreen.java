package dev.vitrine.cli.why;

import dev.vitrine.analysis.why.Term;
import dev.vitrine.analysis.why.Why;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Label;
import dev.vitrine.cli.terminal.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code why} shows: a tree of terms, what each adds, and what is lost without it. */
final class WhyScreen {
  private static final int NUMBER = 10;
  private static final int MOST_COLUMNS = 100;

  /** A smaller remainder, relative to the logit, is rounding. */
  private static final double ROUNDING = 1e-4;

  private final Why why;
  private final WhyTree tree;
  private final Map<Term, Double> effects;
  private final Style style;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  WhyScreen(Why why, WhyTree tree, Map<Term, Double> effects, Style style, int width) {
    this.why = why;
    this.tree = tree;
    this.effects = effects;
    this.style = style;
    this.width = Math.min(width, MOST_COLUMNS);
  }

  List<String> lines() {
    if (!why.trace().edits().isEmpty()) {
      lines.add(style.heading("Edits") + "  " + style.faint("what was changed in the run"));
      lines.addAll(Receipts.lines(why.trace(), style, width));
      lines.add("");
    }
    String at = why.position() + " " + quoted(why.trace().tokens().string(why.position()));
    String what = Label.of(why.root().label(), style).replace(style.unicode() ? "·" : "_", " ");
    lines.add(style.heading(Columns.fit(what + " at " + at, width, style)));
    line(style.faint(""), "", "adds", "without");
    show(tree, 0);
    line("  ", style.faint("remainder"), remainder(why.root().remainder()), "");
    lines.add("");
    for (String wrapped : wrap("exact with " + Why.CONVENTION)) {
      lines.add(style.faint(wrapped));
    }
    return lines.stream().map(String::stripTrailing).toList();
  }

  private void show(WhyTree node, int depth) {
    Double effect = effects.get(node.term());
    String name = depth == 0 ? "logit" : node.term().label();
    line(
        "  ".repeat(depth),
        name,
        number(node.term().value()),
        effect == null ? "" : number(-effect));
    for (WhyTree part : node.parts()) {
      show(part, depth + 1);
    }
    if (node.others() > 0) {
      String others = node.others() + (node.others() == 1 ? " other" : " others");
      line("  ".repeat(depth + 1), style.faint(others), number(node.othersAdd()), "");
    }
    double remainder = node.parts().isEmpty() || depth == 0 ? 0 : node.term().remainder();
    if (Math.abs(remainder) > ROUNDING * Math.abs(why.root().value())) {
      line("  ".repeat(depth + 1), style.faint("remainder"), number(remainder), "");
    }
  }

  /** Indented name, then the numbers in columns. */
  private void line(String indent, String name, String adds, String without) {
    String plain = indent + name.replaceAll("\u001b\\[[0-9;]*m", "");
    int room = Math.max(12, Math.min(width - 2 * NUMBER, 44));
    String shown = Columns.width(plain) > room ? Columns.fit(plain, room, style) : indent + name;
    String pad = " ".repeat(Math.max(0, room - Columns.width(plain)));
    lines.add(shown + pad + Columns.right(adds, NUMBER) + Columns.right(without, NUMBER));
  }

  private String quoted(String token) {
    return Label.of(token, style);
  }

  private List<String> wrap(String text) {
    List<String> wrapped = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : List.of(text.split(" ", -1))) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        wrapped.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    wrapped.add(line.toString());
    return wrapped;
  }

  /** Two digits behind the point where they say something, else its magnitude. */
  private static String remainder(double value) {
    return Math.abs(value) < 0.005 ? String.format(Locale.ROOT, "%+.0e", value) : number(value);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%+.2f", value);
  }
}
