package dev.vitrine.analysis.experiment;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Operation;
import dev.vitrine.trace.edit.Target;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes edits in the form that {@link EditsFile} reads. Tokens that values are taken from, and
 * tensors that are too large to stand in the text, get names; they are known once all edits have
 * been met.
 */
final class EditsWriter {
  /** Tensors of more elements go into the file beside. */
  private static final int INLINE = 32;

  private final Gpt2 model;
  private final Map<List<Tokens>, String> tokens = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /**
   * Meets all edits of a run.
   *
   * @throws IllegalArgumentException if one of them cannot be written; says why
   */
  EditsWriter(Gpt2 model, List<Tokens> prompts, List<Edit> edits) {
    this.model = model;
    tokens.put(prompts, EditsFile.PROMPT);
    edits.forEach(this::meet);
  }

  private void meet(Edit edit) {
    List<Trace> sources =
        switch (edit.operation()) {
          case Operation.Patch patch -> patch.sources();
          case Operation.PatchMean mean -> mean.sources();
          case Operation.Compute _ ->
              throw new IllegalArgumentException(
                  edit
                      + ": a function of Java's cannot be kept in a file; set or add the values"
                      + " that it gives");
          default -> List.of();
        };
    if (sources.isEmpty()) {
      return;
    }
    for (Trace source : sources) {
      if (!source.model().view().equals(model.view())
          || !source.edits().equals(sources.getFirst().edits())) {
        throw new IllegalArgumentException(
            edit
                + ": its sources are of several views or have several lists of edits, which cannot"
                + " be kept in a file");
      }
    }
    tokens.putIfAbsent(prompts(sources), "source" + tokens.size());
    sources.getFirst().edits().forEach(this::meet);
  }

  private static List<Tokens> prompts(Collection<Trace> traces) {
    return traces.stream().map(Trace::tokens).toList();
  }

  /** The prompts, and the other tokens that values are taken from, by name. */
  Map<String, List<Tokens>> tokens() {
    Map<String, List<Tokens>> named = new LinkedHashMap<>();
    tokens.forEach((prompts, name) -> named.put(name, prompts));
    return named;
  }

  /** What was too large for the text, by name, after {@link #text}. */
  Map<String, Tensor> tensors() {
    return tensors;
  }

  /** The edits as a list, each on its line. */
  String text(List<Edit> edits, String indent) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Edit edit : edits) {
      StringWriter line = new StringWriter();
      try (JsonGenerator json = new JsonFactory().createGenerator(line)) {
        write(json, edit);
      }
      lines.add(indent + "  " + line);
    }
    return lines.isEmpty() ? "[]" : "[\n" + String.join(",\n", lines) + "\n" + indent + "]";
  }

  private void write(JsonGenerator json, Edit edit) throws IOException {
    json.writeStartObject();
    json.writeStringField("site", edit.target().site());
    if (!edit.target().where().isEmpty()) {
      json.writeFieldName("where");
      where(json, edit.target().where());
    }
    operation(json, edit);
    json.writeEndObject();
  }

  private static void where(JsonGenerator json, Map<Axis, List<Integer>> where) throws IOException {
    json.writeStartObject();
    for (Map.Entry<Axis, List<Integer>> each : where.entrySet()) {
      List<Integer> indices = each.getValue();
      json.writeFieldName(each.getKey().toString());
      if (indices.size() == 1) {
        json.writeNumber(indices.getFirst());
      } else {
        json.writeArray(indices.stream().mapToInt(i -> i).toArray(), 0, indices.size());
      }
    }
    json.writeEndObject();
  }

  private void operation(JsonGenerator json, Edit edit) throws IOException {
    switch (edit.operation()) {
      case Operation.Fill fill -> {
        json.writeStringField("op", "set");
        number(json, "value", fill.value());
      }
      case Operation.Scale scale -> {
        json.writeStringField("op", "scale");
        number(json, "value", scale.factor());
      }
      case Operation.Assign assign -> {
        json.writeStringField("op", "set_tensor");
        tensor(json, edit.target(), assign.values());
      }
      case Operation.Add add -> {
        json.writeStringField("op", "add_tensor");
        tensor(json, edit.target(), add.values());
        if (add.scale() != 1) {
          json.writeNumberField("scale", add.scale());
        }
      }
      case Operation.Mean mean -> {
        json.writeStringField("op", "mean");
        over(json, mean.over());
      }
      case Operation.PatchMean mean -> {
        json.writeStringField("op", "mean_from");
        source(json, mean.sources());
        over(json, mean.over());
      }
      case Operation.Patch patch -> {
        json.writeStringField("op", "copy_from");
        source(json, patch.sources());
      }
      case Operation.Compute _ -> throw new IllegalStateException("refused when it was met");
    }
  }

  private void source(JsonGenerator json, List<Trace> sources) throws IOException {
    json.writeStringField("tokens", tokens.get(prompts(sources)));
    List<Edit> edits = sources.getFirst().edits();
    if (!edits.isEmpty()) {
      json.writeArrayFieldStart("edits");
      for (Edit edit : edits) {
        write(json, edit);
      }
      json.writeEndArray();
    }
  }

  private static void over(JsonGenerator json, Collection<Axis> over) throws IOException {
    String[] names = over.stream().map(Axis::toString).toArray(String[]::new);
    json.writeFieldName("over");
    json.writeArray(names, 0, names.length);
  }

  private void tensor(JsonGenerator json, Target target, Tensor values) throws IOException {
    Tensor plain = trailing(values, NamedTensor.axes(target, model.config()));
    double[] elements = plain.doubles();
    boolean finite = true;
    for (double element : elements) {
      finite &= Double.isFinite(element);
    }
    if (elements.length > INLINE || !finite) {
      String name = "edits/" + tensors.size();
      tensors.put(name, plain);
      json.writeStringField("tensor", name);
      return;
    }
    json.writeFieldName("shape");
    json.writeArray(plain.shape(), 0, plain.rank());
    json.writeFieldName("values");
    json.writeArray(elements, 0, elements.length);
  }

  /** The tensor with its axes in the site's order, and none left out between the first and last. */
  private static Tensor trailing(Tensor values, List<Axis> axes) {
    List<Axis> present = axes.stream().filter(values::has).toList();
    Tensor ordered = values.permute(present.toArray(Axis[]::new));
    List<Dimension> dimensions = new ArrayList<>();
    for (Axis axis : axes) {
      if (values.has(axis)) {
        dimensions.add(axis.of(values.size(axis)));
      } else if (!dimensions.isEmpty() || axis.equals(axes.getLast())) {
        dimensions.add(axis.of(1));
      }
    }
    Dimension[] shape = dimensions.toArray(Dimension[]::new);
    return values.isDouble()
        ? Tensor.of(ordered.doubles(), shape)
        : Tensor.of(ordered.floats(), shape);
  }

  /** JSON has no infinities and no NaN: they are texts. */
  private static void number(JsonGenerator json, String field, double value) throws IOException {
    json.writeFieldName(field);
    if (!Double.isFinite(value)) {
      json.writeString(Double.toString(value));
    } else if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      json.writeNumber((long) value);
    } else {
      json.writeNumber(value);
    }
  }
}
