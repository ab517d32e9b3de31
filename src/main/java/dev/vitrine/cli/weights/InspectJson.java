package dev.vitrine.cli.weights;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.cli.options.Version;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.inspect.Anatomy;
import dev.vitrine.weights.inspect.Inspection;
import dev.vitrine.weights.inspect.Statistics;
import java.io.IOException;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** An inspection as JSON. */
final class InspectJson {
  private InspectJson() {}

  static void write(
      JsonGenerator json,
      String file,
      Inspection inspection,
      @Nullable String refused,
      @Nullable String hash)
      throws IOException {
    json.writeStringField("file", file);
    json.writeStringField("format", inspection.format());
    json.writeNumberField("parameters", inspection.parameters());
    json.writeFieldName("config");
    if (inspection.config().isPresent()) {
      write(json, inspection.config().get());
    } else {
      json.writeNull();
    }
    json.writeStringField("refused", refused);
    json.writeFieldName("parts");
    if (inspection.anatomy().isPresent()) {
      json.writeStartObject();
      for (Anatomy.Part part : Anatomy.Part.values()) {
        json.writeNumberField(
            part.name().toLowerCase(Locale.ROOT), inspection.anatomy().get().of(part));
      }
      json.writeEndObject();
    } else {
      json.writeNull();
    }
    json.writeArrayFieldStart("tensors");
    for (Statistics tensor : inspection.tensors()) {
      write(json, tensor);
    }
    json.writeEndArray();
    json.writeStringField("version", Version.text());
    json.writeStringField("hash", hash);
  }

  private static void write(JsonGenerator json, Config config) throws IOException {
    json.writeStartObject();
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
    json.writeBooleanField("scale_attention", config.scaleAttention());
    json.writeBooleanField("scale_by_inverse_layer", config.scaleByInverseLayer());
    json.writeNumberField("attention_scale", config.attentionScale());
    json.writeBooleanField("layer_norm", config.layerNorm());
    json.writeBooleanField("attention_only", config.attentionOnly());
    json.writeBooleanField("positions", config.positions());
    json.writeBooleanField("tied", config.tied());
    write(json, "bos", config.bos());
    write(json, "eos", config.eos());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, OptionalInt id) throws IOException {
    json.writeFieldName(name);
    if (id.isPresent()) {
      json.writeNumber(id.getAsInt());
    } else {
      json.writeNull();
    }
  }

  private static void write(JsonGenerator json, Statistics tensor) throws IOException {
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
