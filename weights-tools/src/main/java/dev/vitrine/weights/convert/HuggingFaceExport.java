package dev.vitrine.weights.convert;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.Progress;
import dev.vitrine.weights.TensorWriter;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Writes a model as Hugging Face keeps it: {@code config.json} and {@code model.safetensors}. */
public final class HuggingFaceExport {

  private HuggingFaceExport() {}

  /**
   * Writes {@code config.json} and {@code model.safetensors}, the configuration last; the directory
   * is made if need be.
   *
   * @param dtype F64, F32, F16 or BF16; exact if it is at least as wide as the model's own
   * @throws WeightsException if the model is none of Hugging Face's GPT-2s, or cannot be written
   */
  public static void write(Gpt2Weights weights, Path folder, Dtype dtype) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new WeightsException(folder + ": cannot be made (" + e.getMessage() + ")", e);
    }
    try (TensorWriter writer = SafetensorsWriter.create(folder.resolve("model.safetensors"))) {
      write(weights, writer, dtype, Progress.SILENT);
    }
    writeConfig(weights.config(), folder.resolve("config.json"));
  }

  /**
   * Writes the tensors and finishes the file.
   *
   * @throws WeightsException if the model is none of Hugging Face's GPT-2s, the dtype cannot hold a
   *     number, or the file cannot be written
   */
  public static void write(
      Gpt2Weights weights, TensorWriter writer, Dtype dtype, Progress progress) {
    Parts.checkPlain(weights, "Hugging Face");
    writer.metadata("format", "pt"); // transformers asks for it
    parts(weights, dtype).writeTo(writer, progress);
    writer.finish();
  }

  /** The position embedding of a model that has one. */
  static Source positions(Gpt2Weights weights) {
    return Objects.requireNonNull(weights.positionEmbedding());
  }

  /** The unembedding of a model that is not tied. */
  static Source unembedding(Gpt2Weights weights) {
    return Objects.requireNonNull(weights.unembedding());
  }

  private static Parts parts(Gpt2Weights weights, Dtype dtype) {
    Config config = weights.config();
    int d = config.dModel();
    Parts parts = new Parts();
    parts.matrix("transformer.wte.weight", dtype, weights::tokenEmbedding);
    parts.matrix("transformer.wpe.weight", dtype, () -> positions(weights));
    for (int i = 0; i < config.layers(); i++) {
      int layer = i;
      String block = "transformer.h." + layer + ".";
      parts.vector(block + "ln_1.weight", dtype, d, () -> weights.ln1Gain(layer));
      parts.vector(block + "ln_1.bias", dtype, d, () -> weights.ln1Bias(layer));
      parts.matrix(block + "attn.c_attn.weight", dtype, () -> weights.qkv(layer));
      parts.vector(block + "attn.c_attn.bias", dtype, 3 * d, () -> weights.qkvBias(layer));
      parts.matrix(block + "attn.c_proj.weight", dtype, () -> weights.attentionOutput(layer));
      parts.vector(block + "attn.c_proj.bias", dtype, d, () -> weights.attentionOutputBias(layer));
      parts.vector(block + "ln_2.weight", dtype, d, () -> weights.ln2Gain(layer));
      parts.vector(block + "ln_2.bias", dtype, d, () -> weights.ln2Bias(layer));
      parts.matrix(block + "mlp.c_fc.weight", dtype, () -> weights.mlpIn(layer));
      parts.vector(block + "mlp.c_fc.bias", dtype, config.dMlp(), () -> weights.mlpInBias(layer));
      parts.matrix(block + "mlp.c_proj.weight", dtype, () -> weights.mlpOut(layer));
      parts.vector(block + "mlp.c_proj.bias", dtype, d, () -> weights.mlpOutBias(layer));
    }
    parts.vector("transformer.ln_f.weight", dtype, d, weights::finalGain);
    parts.vector("transformer.ln_f.bias", dtype, d, weights::finalBias);
    if (!config.tied()) {
      parts.matrix("lm_head.weight", dtype, () -> unembedding(weights));
    }
    return parts;
  }

  /**
   * Writes {@code config.json}.
   *
   * @throws WeightsException if it cannot be written
   */
  public static void writeConfig(Config config, Path file) {
    ConfigFile.write(
        file,
        json -> {
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
        });
  }
}
