package dev.vitrine.weights.inspect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Gpt2Weights;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a file is.
 *
 * @param config empty if it was inspected as tensors only
 * @param tensors in the order of the file
 */
public record Inspection(
    String origin, String format, Optional<Config> config, List<Statistics> tensors) {

  /**
   * Inspects a model; reads all of it once.
   *
   * @throws dev.vitrine.weights.WeightsException if the file cannot be read
   */
  public static Inspection of(Gpt2Weights weights) {
    return of(weights.checkpoint(), Optional.of(weights.config()));
  }

  /**
   * Inspects a file of tensors, whatever they are; reads all of it once.
   *
   * @throws dev.vitrine.weights.WeightsException if the file cannot be read
   */
  public static Inspection of(Checkpoint checkpoint) {
    return of(checkpoint, Optional.empty());
  }

  private static Inspection of(Checkpoint checkpoint, Optional<Config> config) {
    List<Statistics> tensors = checkpoint.tensors().stream().map(Statistics::of).toList();
    return new Inspection(checkpoint.origin(), checkpoint.format(), config, tensors);
  }

  /** The number of elements of all tensors that hold fractions. */
  public long parameters() {
    return tensors.stream()
        .filter(tensor -> tensor.dtype().floating())
        .mapToLong(Statistics::size)
        .sum();
  }

  /** A drawing of the model, if there is one, and a table of its tensors. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(origin).append(": ").append(format);
    text.append(String.format(Locale.ROOT, ", %,d parameters%n", parameters()));
    config.ifPresent(c -> draw(text, c));
    text.append(
        String.format(
            Locale.ROOT,
            "%n%-44s %-5s %-16s %11s %11s %11s %11s%n",
            "tensor",
            "dtype",
            "shape",
            "min",
            "max",
            "mean",
            "norm"));
    for (Statistics tensor : tensors) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-44s %-5s %-16s %11.4g %11.4g %11.4g %11.4g%s%n",
              tensor.name(),
              tensor.dtype(),
              tensor.shape(),
              tensor.least(),
              tensor.most(),
              tensor.mean(),
              tensor.norm(),
              faults(tensor)));
    }
    return text.toString();
  }

  private static String faults(Statistics tensor) {
    return tensor.nans() + tensor.infinities() == 0
        ? ""
        : "  " + tensor.nans() + " NaN, " + tensor.infinities() + " infinite";
  }

  private static void draw(StringBuilder text, Config c) {
    String norm = c.layerNorm() ? "layer norm → " : "";
    text.append(
        String.format(
            Locale.ROOT,
            "%n  token [%d] %s→ residual stream [%d]%n",
            c.vocab(),
            c.positions() ? "+ position [" + c.context() + "] " : "",
            c.dModel()));
    text.append(String.format(Locale.ROOT, "  │ %d ×%n", c.layers()));
    text.append(
        String.format(
            Locale.ROOT, "  ├─ %sattention: %d heads of %d%n", norm, c.heads(), c.dHead()));
    if (!c.attentionOnly()) {
      text.append(
          String.format(
              Locale.ROOT,
              "  ├─ %sMLP: %d neurons, %s%n",
              norm,
              c.dMlp(),
              c.activation().configName()));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "  └─ %sunembedding [%d]%s%n",
            norm,
            c.vocab(),
            c.tied() ? ", tied to the token embedding" : ""));
  }

  /**
   * All of it as JSON: {@code {origin, format, parameters, config: {…}, tensors: [{name, dtype,
   * shape, min, max, mean, norm, nan, infinite}]}}; what is no number is the text {@code "NaN"}.
   */
  public String json() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("origin", origin);
      json.writeStringField("format", format);
      json.writeNumberField("parameters", parameters());
      if (config.isPresent()) {
        writeConfig(json, config.get());
      }
      json.writeArrayFieldStart("tensors");
      for (Statistics tensor : tensors) {
        writeTensor(json, tensor);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never: it goes to memory
    }
    return text.toString();
  }

  private static void writeConfig(JsonGenerator json, Config config) throws IOException {
    json.writeObjectFieldStart("config");
    json.writeStringField("model_type", config.modelType());
    json.writeNumberField("layers", config.layers());
    json.writeNumberField("heads", config.heads());
    json.writeNumberField("d_model", config.dModel());
    json.writeNumberField("d_head", config.dHead());
    json.writeNumberField("d_mlp", config.dMlp());
    json.writeNumberField("context", config.context());
    json.writeNumberField("vocab", config.vocab());
    json.writeNumberField("layer_norm_epsilon", config.layerNormEpsilon());
    json.writeStringField("activation", config.activation().configName());
    json.writeBooleanField("layer_norm", config.layerNorm());
    json.writeBooleanField("attention_only", config.attentionOnly());
    json.writeBooleanField("tied", config.tied());
    json.writeEndObject();
  }

  private static void writeTensor(JsonGenerator json, Statistics tensor) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", tensor.name());
    json.writeStringField("dtype", tensor.dtype().name());
    long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
    json.writeFieldName("shape");
    json.writeArray(shape, 0, shape.length);
    json.writeNumberField("min", tensor.least());
    json.writeNumberField("max", tensor.most());
    json.writeNumberField("mean", tensor.mean());
    json.writeNumberField("norm", tensor.norm());
    json.writeNumberField("nan", tensor.nans());
    json.writeNumberField("infinite", tensor.infinities());
    json.writeEndObject();
  }
}
