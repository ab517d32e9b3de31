package dev.vitrine.cli.patching;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.patching.edges.EdgeEffects;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Label;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.drawing.Rendering;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** What a sweep found, for a terminal or as JSON. */
record SweepReport(String kind, Batch base, Batch other, MetricOptions.Chosen chosen, int top) {
  private static final int BAR = 20;

  /** What two numbers and the gaps beside them take. */
  private static final int NUMBERS = 24;

  // ---- for a terminal

  /** The two runs, the map, and the strongest. */
  List<String> lines(Tensor result, Terminal terminal) {
    Style style = Style.of(terminal);
    List<String> lines = head(style, terminal.width());
    lines.addAll(
        result
            .withoutOrigin()
            .draw(new Rendering(terminal.width(), !style.unicode(), style.colour()))
            .lines()
            .toList());
    double[] values = result.doubles();
    double unpatched = chosen.metric().of(base);
    List<Row> rows =
        IntStream.range(0, values.length)
            .mapToObj(i -> new Row(name(result, i, style), values[i], values[i] - unpatched))
            .toList();
    lines.addAll(strongest(rows, style, terminal.width()));
    return lines;
  }

  /** The two runs, and the strongest edges. */
  List<String> lines(EdgeEffects effects, Terminal terminal) {
    Style style = Style.of(terminal);
    List<String> lines = head(style, terminal.width());
    List<Row> rows =
        effects.strongest(top).stream()
            .map(effect -> {
              String arrow = style.unicode() ? " → " : " -> ";
              String edge = effect.edge().from() + arrow + effect.edge().to();
              return new Row(edge, effect.value(), effect.change());
            })
            .toList();
    lines.add("%,d edges, each patched by itself".formatted(effects.edges().size()));
    lines.addAll(strongest(rows, style, terminal.width()));
    return lines;
  }

  private record Row(String name, double value, double change) {}

  private List<String> head(Style style, int width) {
    List<String> lines = new ArrayList<>();
    for (int b = 0; b < base.size(); b++) {
      lines.addAll(prompt("prompt ", base.get(b).tokens(), other.get(b).tokens(), style, width));
      lines.addAll(prompt("from   ", other.get(b).tokens(), base.get(b).tokens(), style, width));
    }
    String answers =
        chosen.right().isEmpty()
            ? ""
            : " of "
                + labels(chosen.right(), style)
                + (chosen.wrong().isEmpty() ? "" : " over " + labels(chosen.wrong(), style));
    String measured =
        "%s%s: %s as it runs, %s as patched from"
            .formatted(
                chosen.unscaled().name(),
                answers,
                number(chosen.unscaled().of(base)),
                number(chosen.unscaled().of(other)));
    lines.addAll(Columns.wrap(measured, width));
    lines.addAll(Columns.wrap("shown: " + chosen.metric().name(), width));
    lines.add("");
    return lines;
  }

  /** The tokens, those set off that differ from the other prompt's. */
  private static List<String> prompt(
      String name, Tokens ours, Tokens theirs, Style style, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(style.heading(name));
    int columns = name.length();
    for (int p = 0; p < ours.size(); p++) {
      String token = Columns.fit(Label.of(ours.string(p), style), width - name.length(), style);
      if (columns + Columns.width(token) > width && columns > name.length()) {
        lines.add(line.toString().stripTrailing());
        line = new StringBuilder(" ".repeat(name.length()));
        columns = name.length();
      }
      columns += Columns.width(token) + 1;
      boolean differs = ours.id(p) != theirs.id(p);
      line.append(differs ? style.strong(token) : style.faint(token)).append(' ');
    }
    lines.add(line.toString().stripTrailing());
    return lines;
  }

  private static String labels(List<String> pieces, Style style) {
    return String.join(", ", pieces.stream().map(piece -> Label.of(piece, style)).toList());
  }

  private List<String> strongest(List<Row> rows, Style style, int width) {
    List<Row> best =
        rows.stream()
            .sorted(Comparator.comparingDouble(row -> -Math.abs(row.change())))
            .limit(top)
            .toList();
    double most = best.isEmpty() ? 1 : Math.abs(best.getFirst().change());
    int widest = best.stream().mapToInt(row -> Columns.width(row.name())).max().orElse(0);
    int name = Math.min(widest, width - 2 - NUMBERS);
    int bars = Math.clamp(width - 2 - name - NUMBERS, 0, BAR);
    List<String> lines = new ArrayList<>();
    lines.add("");
    String explanation =
        Columns.fit("value, and its change from the unpatched run", width - 11, style);
    lines.add(style.heading("Strongest") + "  " + explanation);
    for (Row row : best) {
      double share = most == 0 ? 0 : row.change() / most;
      String bar = style.bar(Math.abs(share), bars);
      lines.add(
          "  %s  %s  %s  %s"
              .formatted(
                  Columns.left(Columns.fit(row.name(), name, style), name),
                  Columns.right(number(row.value()), 9),
                  Columns.right(String.format(Locale.ROOT, "%+.4f", row.change()), 9),
                  share < 0 ? style.negative(bar) : style.positive(bar))
              .stripTrailing());
    }
    return lines;
  }

  /** The place of an element: {@code layer 3, head 1, position 5 ·Mary}. */
  private static String name(Tensor tensor, int place, Style style) {
    List<String> parts = new ArrayList<>();
    int rest = place;
    for (int axis = tensor.rank() - 1; axis >= 0; axis--) {
      Dimension dimension = tensor.dimensions().get(axis);
      int index = rest % dimension.size();
      rest /= dimension.size();
      String number = Integer.toString(index);
      String label = dimension.label(index);
      String shown = label.equals(number) ? number : number + " " + Label.of(label, style);
      parts.addFirst(dimension.axis() + " " + shown);
    }
    return String.join(", ", parts);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  // ---- as JSON

  void begin(JsonGenerator json) throws IOException {
    json.writeStringField("kind", kind);
    json.writeStringField("metric", chosen.metric().name());
    json.writeObjectFieldStart("unscaled");
    json.writeStringField("name", chosen.unscaled().name());
    Json.number(json, "prompt", chosen.unscaled().of(base));
    Json.number(json, "other", chosen.unscaled().of(other));
    json.writeEndObject();
    prompts(json, "prompts", base);
    prompts(json, "others", other);
    strings(json, "answers", chosen.right());
    strings(json, "wrong", chosen.wrong());
  }

  static void write(JsonGenerator json, Tensor tensor) throws IOException {
    json.writeArrayFieldStart("axes");
    for (Dimension dimension : tensor.dimensions()) {
      json.writeStartObject();
      json.writeStringField("name", dimension.axis().toString());
      strings(json, "labels", dimension.labels());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeFieldName("values");
    nested(json, tensor);
  }

  private static void nested(JsonGenerator json, Tensor tensor) throws IOException {
    if (tensor.rank() == 0) {
      Json.number(json, tensor.value());
      return;
    }
    json.writeStartArray();
    Dimension first = tensor.dimensions().getFirst();
    for (int i = 0; i < first.size(); i++) {
      nested(json, tensor.at(first.axis(), i));
    }
    json.writeEndArray();
  }

  static void write(JsonGenerator json, EdgeEffects effects) throws IOException {
    Json.number(json, "unpatched", effects.unpatched());
    json.writeArrayFieldStart("edges");
    for (int i = 0; i < effects.edges().size(); i++) {
      EdgeEffects.Effect effect = effects.effect(i);
      json.writeStartObject();
      json.writeStringField("from", effect.edge().from().toString());
      json.writeStringField("to", effect.edge().to().toString());
      Json.number(json, "value", effect.value());
      Json.number(json, "change", effect.change());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void prompts(JsonGenerator json, String field, Batch batch) throws IOException {
    json.writeArrayFieldStart(field);
    for (int b = 0; b < batch.size(); b++) {
      json.writeStartArray();
      for (String token : batch.get(b).tokens().strings()) {
        json.writeString(token);
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static void strings(JsonGenerator json, String field, List<String> strings)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (String string : strings) {
      json.writeString(string);
    }
    json.writeEndArray();
  }
}
