package dev.vitrine.cli.weights;

import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.inspect.Anatomy;
import dev.vitrine.weights.inspect.Anatomy.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A model as its residual stream passes through it, top to bottom, with the parameters of each
 * part. The blocks, which are alike, are drawn once in a brace.
 */
final class ModelDrawing {
  private static final int WIDEST = 63;
  private static final int NAME = 17;
  private static final int PARAMETERS = 15;
  private static final int BRACE = 6;

  private record Row(String name, String size, long parameters) {}

  private final Config config;
  private final Anatomy anatomy;
  private final Style style;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  ModelDrawing(Config config, Anatomy anatomy, Style style, int width) {
    this.config = config;
    this.anatomy = anatomy;
    this.style = style;
    this.width = Math.min(width - 1, WIDEST);
  }

  List<String> lines() {
    line("", row("token", vectors(config.vocab()), Part.TOKEN_EMBEDDING), "");
    if (config.positions()) {
      line("", row("+ position", vectors(config.context()), Part.POSITION_EMBEDDING), "");
    }
    lines.add(" " + stroke("│", "|"));
    List<Row> block = block();
    for (int i = 0; i < block.size(); i++) {
      line(branch(), block.get(i), brace(i, block.size()));
    }
    lines.add(" " + stroke("│", "|"));
    if (config.layerNorm()) {
      line(branch(), row("layer norm", epsilon(), Part.FINAL_NORM), "");
    }
    String tied = config.tied() ? ", tied to token" : "";
    line(
        stroke("└─ ", "`- "),
        row("unembedding", grouped(config.vocab()) + tied, Part.UNEMBEDDING),
        "");
    return lines;
  }

  private List<Row> block() {
    List<Row> rows = new ArrayList<>();
    if (config.layerNorm()) {
      rows.add(inBlock("layer norm", epsilon(), Part.FIRST_NORM));
    }
    String heads = config.heads() + (config.heads() == 1 ? " head of " : " heads of ");
    rows.add(inBlock("attention", heads + config.dHead(), Part.ATTENTION));
    if (!config.attentionOnly()) {
      if (config.layerNorm()) {
        rows.add(inBlock("layer norm", epsilon(), Part.SECOND_NORM));
      }
      String neurons = grouped(config.dMlp()) + " neurons, " + config.activation().configName();
      rows.add(inBlock("MLP", neurons, Part.MLP));
    }
    return rows;
  }

  private String brace(int i, int count) {
    String stroke =
        count == 1
            ? ""
            : i == 0 ? stroke("┐", "\\") : i == count - 1 ? stroke("┘", "/") : stroke("│", "|");
    String times = " " + style.times() + " " + config.layers();
    return i == count / 2 ? stroke + times : stroke;
  }

  private Row row(String name, String size, Part part) {
    return new Row(name, size, anatomy.of(part));
  }

  private Row inBlock(String name, String size, Part part) {
    return new Row(name, size, anatomy.of(part) / config.layers());
  }

  private String vectors(int count) {
    return grouped(count) + " " + style.times() + " " + grouped(config.dModel());
  }

  private String epsilon() {
    return "epsilon " + config.layerNormEpsilon();
  }

  private String branch() {
    return stroke("├─ ", "|- ");
  }

  private String stroke(String unicode, String ascii) {
    return style.unicode() ? unicode : ascii;
  }

  private void line(String stroke, Row row, String brace) {
    int room = Math.max(0, width - NAME - PARAMETERS - BRACE);
    String left = Columns.left(" " + stroke + row.name(), NAME);
    String middle = room < 6 ? "" : Columns.left(Columns.fit(row.size(), room, style), room);
    String right = Columns.right(grouped(row.parameters()), PARAMETERS);
    lines.add((left + middle + right + " " + brace).stripTrailing());
  }

  static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
