package dev.vitrine.weights.convert;

import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.Progress;
import dev.vitrine.weights.TensorWriter;
import dev.vitrine.weights.WeightsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Writes a model under TransformerLens' names, which can say all that Vitrine runs: {@code
 * HookedTransformer.load_state_dict} takes the tensors, {@code HookedTransformerConfig} the
 * configuration.
 */
public final class TransformerLensExport {

  private TransformerLensExport() {}

  /**
   * Writes the tensors and finishes the file.
   *
   * @param dtype F64, F32, F16 or BF16; exact if it is at least as wide as the model's own
   * @throws WeightsException if the dtype cannot hold a number, or the file cannot be written
   */
  public static void write(
      Gpt2Weights weights, TensorWriter writer, Dtype dtype, Progress progress) {
    Config config = weights.config();
    Parts parts = new Parts();
    parts.matrix("embed.W_E", dtype, weights::tokenEmbedding);
    if (config.positions()) {
      parts.matrix("pos_embed.W_pos", dtype, () -> HuggingFaceExport.positions(weights));
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      block(parts, weights, layer, dtype);
    }
    if (config.layerNorm()) {
      parts.vector("ln_final.w", dtype, config.dModel(), weights::finalGain);
      parts.vector("ln_final.b", dtype, config.dModel(), weights::finalBias);
    }
    parts.transposed(
        "unembed.W_U",
        dtype,
        () -> config.tied() ? weights.tokenEmbedding() : HuggingFaceExport.unembedding(weights));
    parts.vector(
        "unembed.b_U",
        dtype,
        config.vocab(),
        () -> {
          double[] bias = weights.unembeddingBias();
          return bias == null ? new double[config.vocab()] : bias;
        });
    parts.writeTo(writer, progress);
    writer.finish();
  }

  private static void block(Parts parts, Gpt2Weights weights, int layer, Dtype dtype) {
    Config config = weights.config();
    int d = config.dModel();
    int width = config.heads() * config.dHead();
    List<Long> heads = List.of((long) config.heads(), (long) config.dHead());
    String block = "blocks." + layer + ".";
    String attention = block + "attn.";
    norm(parts, block + "ln1", weights, layer, dtype);
    for (int part = 0; part < 3; part++) {
      int first = part * width;
      String letter = "QKV".substring(part, part + 1);
      parts.heads(attention + "W_" + letter, dtype, config, first, () -> weights.qkv(layer));
      parts.folded(
          attention + "b_" + letter,
          dtype,
          heads,
          () -> Arrays.copyOfRange(weights.qkvBias(layer), first, first + width));
    }
    parts.table(
        attention + "W_O",
        dtype,
        List.of((long) config.heads(), (long) config.dHead(), (long) d),
        () -> weights.attentionOutput(layer));
    parts.vector(attention + "b_O", dtype, d, () -> weights.attentionOutputBias(layer));
    if (!config.attentionOnly()) {
      norm(parts, block + "ln2", weights, layer, dtype);
      parts.matrix(block + "mlp.W_in", dtype, () -> weights.mlpIn(layer));
      parts.vector(block + "mlp.b_in", dtype, config.dMlp(), () -> weights.mlpInBias(layer));
      parts.matrix(block + "mlp.W_out", dtype, () -> weights.mlpOut(layer));
      parts.vector(block + "mlp.b_out", dtype, d, () -> weights.mlpOutBias(layer));
    }
  }

  private static void norm(Parts parts, String name, Gpt2Weights weights, int layer, Dtype dtype) {
    if (weights.config().layerNorm()) {
      boolean first = name.endsWith("1");
      int d = weights.config().dModel();
      parts.vector(
          name + ".w", dtype, d, () -> first ? weights.ln1Gain(layer) : weights.ln2Gain(layer));
      parts.vector(
          name + ".b", dtype, d, () -> first ? weights.ln1Bias(layer) : weights.ln2Bias(layer));
    }
  }

  /**
   * Writes {@code tl_config.json}.
   *
   * @throws WeightsException if it cannot be written
   */
  public static void writeConfig(Config config, Path file) {
    ConfigFile.write(
        file,
        json -> {
          json.writeNumberField("n_layers", config.layers());
          json.writeNumberField("n_heads", config.heads());
          json.writeNumberField("d_model", config.dModel());
          json.writeNumberField("d_head", config.dHead());
          if (!config.attentionOnly()) {
            json.writeNumberField("d_mlp", config.dMlp());
          }
          json.writeNumberField("n_ctx", config.context());
          json.writeNumberField("d_vocab", config.vocab());
          json.writeNumberField("eps", config.layerNormEpsilon());
          json.writeStringField("act_fn", config.activation().configName());
          json.writeStringField("normalization_type", config.layerNorm() ? "LN" : null);
          json.writeBooleanField("attn_only", config.attentionOnly());
          json.writeBooleanField("use_attn_scale", config.scaleAttention());
          json.writeNumberField("attn_scale", config.attentionScale());
          json.writeBooleanField("scale_attn_by_inverse_layer_idx", config.scaleByInverseLayer());
          json.writeStringField("positional_embedding_type", "standard");
        });
  }
}
