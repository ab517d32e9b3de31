package dev.vitrine.cli.circuits;

import static dev.vitrine.tensor.Axis.NEURON;
import static dev.vitrine.tensor.Axis.VECTOR;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.ReadOut;
import dev.vitrine.analysis.circuits.SingularReadOut;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Label;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.Top;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** What single heads and neurons say, word by word, of the weights alone. */
final class ReadOuts {
  private static final Pattern HEAD = Pattern.compile("[Ll]?(\\d{1,4})(?:[Hh]|\\.)(\\d{1,4})");
  private static final Pattern UNIT = Pattern.compile("[Ll]?(\\d{1,4})(?:[Nn]|\\.)(\\d{1,6})");
  private static final int VECTORS = 4;

  @Option(
      names = "--head",
      paramLabel = "L1H3",
      description =
          "Instead of the report, one head in words: what its OV circuit writes (repeatable).")
  private List<String> heads = new ArrayList<>();

  @Option(
      names = "--neuron",
      paramLabel = "L3N217",
      description =
          "Instead of the report, one neuron of an MLP in words: the tokens whose logits it raises"
              + " and lowers, and those whose embeddings it looks for (repeatable).")
  private List<String> neurons = new ArrayList<>();

  /** For picocli. */
  ReadOuts() {}

  /** A head or neuron of a layer. */
  private record Unit(int layer, int index) {

    static Unit of(Pattern pattern, String text) {
      Matcher matcher = pattern.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalStateException(text + " was checked");
      }
      return new Unit(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }
  }

  boolean isAsked() {
    return !heads.isEmpty() || !neurons.isEmpty();
  }

  /**
   * Checks what can be checked without a model.
   *
   * @throws UsageException if a head or neuron is not written as one
   */
  void check() {
    check("--head", "L1H3, layer and head", HEAD, heads);
    check("--neuron", "L3N217 or 3.217, layer and neuron", UNIT, neurons);
  }

  private static void check(String flag, String example, Pattern pattern, List<String> names) {
    for (String name : names) {
      if (!pattern.matcher(name).matches()) {
        throw new UsageException("%s is written %s, not \"%s\"".formatted(flag, example, name));
      }
    }
  }

  /**
   * Checks that the model has them.
   *
   * @throws IllegalArgumentException if it has not; says what it has
   */
  void check(Gpt2 model) {
    if (!neurons.isEmpty() && model.config().attentionOnly()) {
      throw new IllegalArgumentException(
          "--neuron " + neurons.getFirst() + ": the model has no MLP: it is attention-only");
    }
    check("--head", "heads", HEAD, heads, model, model.config().heads());
    check("--neuron", "neurons", UNIT, neurons, model, model.config().dMlp());
  }

  private static void check(
      String flag, String what, Pattern pattern, List<String> names, Gpt2 model, int count) {
    for (String name : names) {
      Unit unit = Unit.of(pattern, name);
      int layers = model.config().layers();
      if (unit.layer >= layers || unit.index >= count) {
        throw new IllegalArgumentException(
            "%s %s: the model has layers 0 to %d and %s 0 to %d"
                .formatted(flag, name, layers - 1, what, count - 1));
      }
    }
  }

  // ---- what they say

  private static SingularReadOut ov(Gpt2 model, Unit head) {
    int count = Math.min(VECTORS, Math.min(model.config().dHead(), model.config().dModel()));
    return SingularReadOut.ov(model, head.layer, head.index, count);
  }

  private static Tensor writes(Gpt2 model, Unit neuron) {
    return ReadOut.neurons(model, neuron.layer, neuron.index).at(NEURON, 0);
  }

  private static Tensor reads(Gpt2 model, Unit neuron) {
    return ReadOut.neuronInputs(model, neuron.layer, neuron.index).at(NEURON, 0);
  }

  // ---- the screen

  void show(ScoreScreen screen, Style style, Gpt2 model, int top) {
    for (String name : heads) {
      Unit head = Unit.of(HEAD, name);
      SingularReadOut read = ov(model, head);
      screen.heading(
          "L%dH%d writes".formatted(head.layer, head.index),
          "singular vectors of OV as words; both ends");
      Map<String, String> entries = new LinkedHashMap<>();
      for (int i = 0; i < read.singularValues().size(VECTOR); i++) {
        Tensor tokens = read.tokens().at(VECTOR, i);
        String value = String.format(Locale.ROOT, "%.3f", read.singularValues().get(i));
        entries.put(
            i + "  " + value,
            words(tokens, model, style, top) + "  |  " + words(tokens.negate(), model, style, top));
      }
      screen.entries(entries);
    }
    for (String name : neurons) {
      Unit neuron = Unit.of(UNIT, name);
      String label = "L%dN%d".formatted(neuron.layer, neuron.index);
      screen.heading(label + " reads", "embeddings that raise or lower it");
      ends(screen, style, model, reads(model, neuron), top);
      screen.heading(label + " writes", "logits that it raises or lowers");
      ends(screen, style, model, writes(model, neuron), top);
    }
  }

  private static void ends(ScoreScreen screen, Style style, Gpt2 model, Tensor words, int top) {
    screen.items("most", valued(words, 1, model, style, top));
    screen.items("least", valued(words.negate(), -1, model, style, top));
  }

  private static String words(Tensor tokens, Gpt2 model, Style style, int top) {
    return tokens.top(top).entries().stream()
        .map(entry -> Label.of(model.piece(entry.index()), style))
        .collect(Collectors.joining(" "));
  }

  private static List<String> valued(Tensor tokens, int sign, Gpt2 model, Style style, int top) {
    return tokens.top(top).entries().stream()
        .map(entry ->
            Label.of(model.piece(entry.index()), style)
                + String.format(Locale.ROOT, " %+.2f", sign * entry.value()))
        .toList();
  }

  // ---- JSON

  void write(JsonGenerator json, Gpt2 model, int top) throws IOException {
    json.writeArrayFieldStart("heads");
    for (String name : heads) {
      Unit head = Unit.of(HEAD, name);
      SingularReadOut read = ov(model, head);
      json.writeStartObject();
      json.writeNumberField("layer", head.layer);
      json.writeNumberField("head", head.index);
      json.writeArrayFieldStart("vectors");
      for (int i = 0; i < read.singularValues().size(VECTOR); i++) {
        json.writeStartObject();
        Json.number(json, "singular_value", read.singularValues().get(i));
        ends(json, model, read.tokens().at(VECTOR, i), top);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("neurons");
    for (String name : neurons) {
      Unit neuron = Unit.of(UNIT, name);
      json.writeStartObject();
      json.writeNumberField("layer", neuron.layer);
      json.writeNumberField("neuron", neuron.index);
      json.writeObjectFieldStart("reads");
      ends(json, model, reads(model, neuron), top);
      json.writeEndObject();
      json.writeObjectFieldStart("writes");
      ends(json, model, writes(model, neuron), top);
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void ends(JsonGenerator json, Gpt2 model, Tensor words, int top)
      throws IOException {
    words(json, "most", model, words, 1, top);
    words(json, "least", model, words.negate(), -1, top);
  }

  private static void words(
      JsonGenerator json, String field, Gpt2 model, Tensor words, int sign, int top)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (Top.Entry entry : words.top(top)) {
      json.writeStartObject();
      json.writeNumberField("id", entry.index());
      json.writeStringField("token", model.piece(entry.index()));
      Json.number(json, "value", sign * entry.value());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
