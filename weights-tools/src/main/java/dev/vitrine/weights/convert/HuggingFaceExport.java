package dev.vitrine.weights.convert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Destination;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a model as Hugging Face keeps it: {@code config.json} and {@code model.safetensors}. */
public final class HuggingFaceExport {

  private HuggingFaceExport() {}

  /**
   * Writes the two files, the configuration last; the directory is made if need be.
   *
   * @param dtype F64, F32, F16 or BF16; exact if it is at least as wide as the model's own
   * @throws WeightsException if the model is none of Hugging Face's GPT-2s, or cannot be written
   */
  public static void write(Gpt2Weights weights, Path folder, Dtype dtype) {
    Parts.checkPlain(weights, "Hugging Face");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new WeightsException(folder + ": cannot be made (" + e.getMessage() + ")", e);
    }
    Path file = folder.resolve("model.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.create(file)) {
      writer.metadata("format", "pt"); // transformers asks for it
      parts(weights, dtype).writeTo(writer);
      writer.finish();
    }
    writeConfig(weights.config(), folder.resolve("config.json"));
  }

  private static Parts parts(Gpt2Weights weights, Dtype dtype) {
    Config config = weights.config();
    int d = config.dModel();
    Parts parts = new Parts();
    parts.matrix("transformer.wte.weight", dtype, weights.tokenEmbedding());
    Source positions = weights.positionEmbedding();
    if (positions != null) {
      parts.matrix("transformer.wpe.weight", dtype, positions);
    }
    for (int i = 0; i < config.layers(); i++) {
      int layer = i;
      String block = "transformer.h." + layer + ".";
      parts.vector(block + "ln_1.weight", dtype, d, () -> weights.ln1Gain(layer));
      parts.vector(block + "ln_1.bias", dtype, d, () -> weights.ln1Bias(layer));
      parts.matrix(block + "attn.c_attn.weight", dtype, weights.qkv(layer));
      parts.vector(block + "attn.c_attn.bias", dtype, 3 * d, () -> weights.qkvBias(layer));
      parts.matrix(block + "attn.c_proj.weight", dtype, weights.attentionOutput(layer));
      parts.vector(block + "attn.c_proj.bias", dtype, d, () -> weights.attentionOutputBias(layer));
      parts.vector(block + "ln_2.weight", dtype, d, () -> weights.ln2Gain(layer));
      parts.vector(block + "ln_2.bias", dtype, d, () -> weights.ln2Bias(layer));
      parts.matrix(block + "mlp.c_fc.weight", dtype, weights.mlpIn(layer));
      parts.vector(block + "mlp.c_fc.bias", dtype, config.dMlp(), () -> weights.mlpInBias(layer));
      parts.matrix(block + "mlp.c_proj.weight", dtype, weights.mlpOut(layer));
      parts.vector(block + "mlp.c_proj.bias", dtype, d, () -> weights.mlpOutBias(layer));
    }
    parts.vector("transformer.ln_f.weight", dtype, d, weights::finalGain);
    parts.vector("transformer.ln_f.bias", dtype, d, weights::finalBias);
    Source unembedding = weights.unembedding();
    if (unembedding != null) {
      parts.matrix("lm_head.weight", dtype, unembedding);
    }
    return parts;
  }

  private static void writeConfig(Config config, Path file) {
    try (Destination destination = Destination.of(file)) {
      try (JsonGenerator json =
          new JsonFactory()
              .createGenerator(destination)
              .setPrettyPrinter(new DefaultPrettyPrinter())
              .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
        json.writeStartObject();
        json.writeStringField("model_type", "gpt2");
        json.writeArrayFieldStart("architectures");
        json.writeString("GPT2LMHeadModel");
        json.writeEndArray();
        json.writeStringField("activation_function", config.activation().configName());
        json.writeNumberField("n_layer", config.layers());
        json.writeNumberField("n_head", config.heads());
        json.writeNumberField("n_embd", config.dModel());
        json.writeNumberField("n_inner", config.dMlp());
        json.writeNumberField("n_positions", config.context());
        json.writeNumberField("vocab_size", config.vocab());
        json.writeNumberField("layer_norm_epsilon", config.layerNormEpsilon());
        json.writeBooleanField("scale_attn_weights", config.scaleAttention());
        json.writeBooleanField("scale_attn_by_inverse_layer_idx", config.scaleByInverseLayer());
        json.writeBooleanField("tie_word_embeddings", config.tied());
        if (config.bos().isPresent()) {
          json.writeNumberField("bos_token_id", config.bos().getAsInt());
        }
        if (config.eos().isPresent()) {
          json.writeNumberField("eos_token_id", config.eos().getAsInt());
        }
        json.writeEndObject();
      } catch (IOException e) {
        throw new UncheckedIOException(e); // never: Destination throws none
      }
      destination.commit();
    }
  }
}
