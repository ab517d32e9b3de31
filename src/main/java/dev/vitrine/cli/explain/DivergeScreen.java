package dev.vitrine.cli.explain;

import dev.vitrine.analysis.divergence.Cause;
import dev.vitrine.analysis.divergence.Divergence;
import dev.vitrine.analysis.divergence.Part;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.text.Tokens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What {@code diverge} shows, on a few lines. */
final class DivergeScreen {
  private static final int MOST_COLUMNS = 100;
  private static final int TRIED = 5;
  private static final int NAMES = 11;

  /** Beyond this a multiple of rounding says only that it is not rounding. */
  private static final double MANY = 1e5;

  private final Divergence divergence;
  private final Tokens tokens;
  private final String note;
  private final Style style;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  DivergeScreen(Divergence divergence, Tokens tokens, String note, Style style, int width) {
    this.divergence = divergence;
    this.tokens = tokens;
    this.note = note;
    this.style = style;
    this.width = Math.min(width, MOST_COLUMNS);
  }

  List<String> lines() {
    List<Part> parts = divergence.parts();
    String heading =
        "%s against %s%s%d tokens%s%d sites"
            .formatted(
                divergence.left(),
                divergence.right(),
                style.dot(),
                tokens.size(),
                style.dot(),
                parts.size());
    lines.add(style.heading(Columns.fit(heading, width, style)));
    if (!note.isEmpty()) {
      line("note", note);
    }
    long same = parts.stream().filter(Part::same).count();
    line(
        "same bits",
        same == parts.size() ? "all of them" : same + (same == 1 ? " site" : " sites"));
    noise(parts);
    divergence.fault().ifPresent(this::fault);
    return lines.stream().map(String::stripTrailing).toList();
  }

  private void noise(List<Part> parts) {
    List<Part> noisy = parts.stream().filter(part -> !part.same() && !part.faulty()).toList();
    if (noisy.isEmpty()) {
      return;
    }
    line("noise", noisy.size() + (noisy.size() == 1 ? " site" : " sites"));
    divergence
        .first()
        .filter(part -> !part.faulty())
        .ifPresent(first -> {
          line("first", first.site() + " " + first.place());
          values(first);
        });
    Part worst = noisy.stream().max(Comparator.comparingDouble(DivergeScreen::error)).orElseThrow();
    line(
        "largest",
        "%s: %s of what rounding may cost".formatted(worst.site(), short2(error(worst))));
  }

  private static double error(Part part) {
    return Math.max(part.leftError(), part.rightError());
  }

  private void fault(Part part) {
    long behind = divergence.parts().stream().filter(Part::faulty).count() - 1;
    lines.add("");
    lines.add(
        style.negative(
            Columns.fit(
                Columns.left("fault", NAMES) + part.site() + " " + part.place(), width, style)));
    values(part);
    String side = divergence.faultySide().orElse("?");
    if (part.isTakenOver()) {
      line("by fp64", "nothing is rounded here: " + side + " has other numbers");
      line("", "%,d of %,d elements differ".formatted(part.differing(), part.elements()));
    } else {
      line("by fp64", side + " is off by " + times(error(part)) + " what rounding may cost");
    }
    if (behind > 0) {
      line("behind it", behind + (behind == 1 ? " more fault" : " more faults"));
    }
    lines.add("");
    line(
        "cause",
        divergence.cause().map(Cause::statement).orElse("none of those tried explains it"));
    divergence.causes().stream()
        .filter(cause -> divergence.cause().filter(cause::equals).isEmpty())
        .limit(TRIED)
        .forEach(this::tried);
  }

  private void tried(Cause cause) {
    String left =
        cause.explains()
            ? "explains it too"
            : cause.error() < MANY ? short2(cause.error()) + " left" : "far off";
    int room = width - NAMES - Columns.width(left) - 2;
    String statement = Columns.left(Columns.fit(cause.statement(), room, style), room);
    String name = Columns.left(cause.explains() ? "  or" : "  not", NAMES);
    lines.add(style.faint(name + statement + "  " + left));
  }

  private void values(Part part) {
    line(
        "",
        "%s against %s%s"
            .formatted(
                Numbers.shortest(part.left()),
                Numbers.beside(part.right(), part.left()),
                apart(part)));
  }

  /** How far apart: beside 0, or beyond all rounding, units of the last place say nothing. */
  private String apart(Part part) {
    double distance = Math.abs(part.left() - part.right());
    return part.ulps() < MANY
        ? style.dot() + String.format(Locale.ROOT, "%.1f ulps", part.ulps())
        : Double.isFinite(distance)
            ? style.dot() + String.format(Locale.ROOT, "%.3g apart", distance)
            : "";
  }

  private static String times(double error) {
    return error < MANY
        ? short2(error) + " times"
        : Double.isFinite(error) ? "more than 100,000 times" : "infinitely more than";
  }

  private void line(String name, String text) {
    lines.add(Columns.fit(Columns.left(name, NAMES) + text, width, style));
  }

  private static String short2(double value) {
    return String.format(Locale.ROOT, value < 1000 ? "%.2f" : "%.0f", value);
  }
}
