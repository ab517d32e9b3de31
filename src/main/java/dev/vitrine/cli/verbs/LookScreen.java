package dev.vitrine.cli.verbs;

import dev.vitrine.analysis.Component;
import dev.vitrine.analysis.HeadAttention;
import dev.vitrine.analysis.LogitLens;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.RunHeader;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.tensor.Top;
import dev.vitrine.text.Tokens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What {@code look} shows, on one screen. */
final class LookScreen {
  private static final int MOST_COLUMNS = 100;

  /** From here on two lists stand side by side. */
  private static final int TWO_LISTS = 60;

  private static final int LONGEST_LABEL = 14;

  /** A head that looks so much where its kind looks is said to be of the kind. */
  private static final double CLEAR = 0.5;

  private final View view;
  private final int top;
  private final Style style;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  LookScreen(View view, int top, Style style, int width) {
    this.view = view;
    this.top = top;
    this.style = style;
    this.width = Math.min(width, MOST_COLUMNS);
  }

  List<String> lines(String modelName) {
    lines.addAll(new RunHeader(view.trace(), style, width).lines(modelName));
    edits();
    predictions();
    if (view.notNumbers().isEmpty()) {
      lens();
      components();
      heads();
    }
    return lines.stream().map(String::stripTrailing).toList();
  }

  // ---- what was run

  private void edits() {
    if (!view.trace().edits().isEmpty()) {
      heading("Edits", "what was changed in the run");
      lines.addAll(Receipts.lines(view.trace(), style, width));
    }
  }

  // ---- what is predicted

  private void predictions() {
    heading("Predictions", "probability and logit of the next token");
    view.notNumbers()
        .ifPresent(none ->
            Columns.wrap("nothing: " + none, width - 2)
                .forEach(line -> lines.add("  " + style.negative(line))));
    if (view.notNumbers().isPresent()) {
      return;
    }
    int labels = Math.min(LONGEST_LABEL + 2, width - 20);
    int bars = width - labels - 19;
    int rank = 0;
    for (Top.Entry entry : view.predictions().top(top)) {
      String text = Columns.left(fit(piece(entry.index()), labels - 1), labels);
      double logit = view.predictions().logits().get(entry.index());
      String numbers = percent(entry.value()) + Columns.right(number(logit), 9);
      String bar = bars < 4 ? "" : Columns.left(style.bar(entry.value(), bars), bars);
      lines.add("  " + (rank++ == 0 ? style.strong(text) : text) + style.positive(bar) + numbers);
    }
  }

  // ---- how the prediction formed

  private void lens() {
    boolean difference = view.minus().isPresent();
    heading(
        "Logit lens", "if the model stopped here; " + (difference ? "" : "place of ") + asked());
    int layers = view.lens().layers().size();
    int names = "  block ".length() + String.valueOf(layers).length() + 2;
    int cell = LONGEST_LABEL + 6;
    int places =
        difference ? 9 : String.valueOf(view.trace().model().config().vocab()).length() + 2;
    int cells = Math.clamp((width - names - places) / cell, 1, top);
    int label = Math.min(LONGEST_LABEL, width - names - places - 6);
    for (LogitLens.Layer layer : view.lens().layers()) {
      String name = layer.layer() == 0 ? "embed" : "block " + (layer.layer() - 1);
      StringBuilder line = new StringBuilder("  " + Columns.left(name, names - 2));
      int used = names;
      for (Top.Entry entry : layer.predictions().top(cells)) {
        String text = Columns.left(fit(piece(entry.index()), label - 1), label);
        line.append(entry.index() == view.target() ? style.strong(text) : text);
        line.append(style.faint(shortPercent(entry.value()))).append(' ');
        used += label + 6;
      }
      String place =
          difference
              ? signed(view.difference(layer).orElseThrow())
              : String.valueOf(layer.rank(view.target()));
      lines.add(line + Columns.right(place, Math.max(places, width - used)));
    }
  }

  // ---- what made it

  private void components() {
    boolean difference = view.minus().isPresent();
    double logit = view.attribution().logit();
    heading("Components", "what each adds to " + (difference ? "" : "the logit of ") + asked());
    List<Component> all = view.attribution().components();
    Comparator<Component> rising = Comparator.comparingDouble(Component::logit);
    List<Component> most =
        all.stream().filter(c -> c.logit() > 0).sorted(rising.reversed()).limit(top).toList();
    List<Component> least =
        all.stream().filter(c -> c.logit() < 0).sorted(rising).limit(top).toList();
    double largest =
        Stream.concat(most.stream(), least.stream())
            .mapToDouble(c -> Math.abs(c.logit()))
            .max()
            .orElse(1);
    boolean beside = width >= TWO_LISTS;
    int column = beside ? (width - 4) / 2 : width - 2;
    for (int i = 0; i < Math.max(most.size(), least.size()); i++) {
      if (beside) {
        String left =
            i < most.size() ? component(most.get(i), largest, column) : " ".repeat(column);
        String right = i < least.size() ? "  " + component(least.get(i), largest, column) : "";
        lines.add("  " + left + right);
      } else if (i < most.size()) {
        lines.add("  " + component(most.get(i), largest, column));
      }
    }
    if (!beside) {
      least.forEach(c -> lines.add("  " + component(c, largest, column)));
    }
    double shown = Stream.concat(most.stream(), least.stream()).mapToDouble(Component::logit).sum();
    int others = all.size() - most.size() - least.size();
    String rest = others + " others " + signed(view.attribution().sum() - shown);
    String whole = (difference ? "difference " : "logit ") + number(logit);
    String sum = "sum " + number(view.attribution().sum());
    sum += view.addsUp() ? " = " + whole : ", but " + whole + ": an edit came between";
    lines.add("  " + style.faint(Columns.fit(rest + style.dot() + sum, width - 2, style)));
  }

  private String component(Component component, double largest, int columns) {
    int names = 10;
    int numbers = 8;
    int bars = columns - names - numbers - 1;
    String bar = style.bar(Math.abs(component.logit()) / largest, Math.max(0, bars));
    String text =
        Columns.left(component.label(), names)
            + Columns.right(signed(component.logit()), numbers)
            + " ";
    String padding = " ".repeat(Math.max(0, bars - Columns.width(bar)));
    return text + (component.logit() < 0 ? style.negative(bar) : style.positive(bar)) + padding;
  }

  // ---- where the heads looked

  private void heads() {
    Tokens tokens = view.trace().tokens();
    heading(
        "Heads",
        "where "
            + fit(label(tokens.string(tokens.size() - 1)), LONGEST_LABEL)
            + " looked; what that added");
    for (HeadAttention head : chosen()) {
      String name = "L" + head.layer() + "H" + head.head();
      String start = Columns.left(name, 7) + Columns.right(signed(view.logit(head)), 7) + "  ";
      String mark = mark(head);
      int room = width - 2 - Columns.width(start) - (mark.isEmpty() ? 0 : mark.length() + 2);
      boolean below = room < 16 && !mark.isEmpty();
      if (below) {
        room = width - 2 - Columns.width(start);
      }
      String sources = sources(head, room);
      String gap = " ".repeat(Math.max(0, room - Columns.width(sources)) + 2);
      lines.add("  " + start + sources + (mark.isEmpty() || below ? "" : gap + style.strong(mark)));
      if (below) {
        lines.add(" ".repeat(2 + Columns.width(start)) + style.strong(mark));
      }
    }
  }

  /** The heads that add or take most, and the clearest induction head if there is one. */
  private List<HeadAttention> chosen() {
    List<HeadAttention> chosen =
        new ArrayList<>(
            view.heads().stream()
                .sorted(Comparator.comparingDouble((HeadAttention h) -> -Math.abs(view.logit(h))))
                .limit(top)
                .toList());
    view.heads().stream()
        .filter(head -> head.scores().induction() >= CLEAR)
        .max(Comparator.comparingDouble(head -> head.scores().induction()))
        .filter(head -> !chosen.contains(head))
        .ifPresent(chosen::add);
    return chosen;
  }

  private String sources(HeadAttention head, int room) {
    StringBuilder line = new StringBuilder();
    for (HeadAttention.Source source : head.top(view.trace(), 4)) {
      String text =
          source.position()
              + " "
              + fit(label(source.token()), LONGEST_LABEL)
              + shortPercent(source.weight());
      String more = line.isEmpty() ? text : line + "   " + text;
      boolean slight = source.weight() < 0.01 && !line.isEmpty();
      if (slight || Columns.width(more) > room) {
        break;
      }
      line.setLength(0);
      line.append(more);
    }
    return line.toString();
  }

  private static String mark(HeadAttention head) {
    HeadAttention.Scores scores = head.scores();
    if (scores.induction() >= CLEAR) {
      return String.format(Locale.ROOT, "induction %.2f", scores.induction());
    }
    if (scores.previous() >= CLEAR) {
      return String.format(Locale.ROOT, "previous token %.2f", scores.previous());
    }
    if (scores.duplicate() >= CLEAR) {
      return String.format(Locale.ROOT, "duplicate token %.2f", scores.duplicate());
    }
    return "";
  }

  // ---- words and numbers

  private void heading(String title, String explanation) {
    lines.add("");
    String start = title + "  ";
    List<String> parts = Columns.wrap(start + explanation, width);
    lines.add(style.heading(title) + style.faint(parts.getFirst().substring(title.length())));
    parts.stream().skip(1).forEach(part -> lines.add("  " + style.faint(part)));
  }

  /** The token that is asked about, or the difference of two. */
  private String asked() {
    String token = fit(piece(view.target()), LONGEST_LABEL);
    String minus = style.unicode() ? " − " : " - ";
    return view.minus().isEmpty()
        ? token
        : token + minus + fit(piece(view.minus().getAsInt()), LONGEST_LABEL);
  }

  private String piece(int id) {
    return label(view.trace().model().piece(id));
  }

  private String label(String token) {
    return RunHeader.label(view.trace().model(), token, style);
  }

  private String fit(String text, int columns) {
    return Columns.fit(text, Math.max(1, columns), style);
  }

  private static String percent(double probability) {
    return Columns.right(String.format(Locale.ROOT, "%.1f %%", 100 * probability), 8);
  }

  private static String shortPercent(double probability) {
    return Columns.right(String.format(Locale.ROOT, "%.0f%%", 100 * probability), 5);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.2f", value);
  }
}
