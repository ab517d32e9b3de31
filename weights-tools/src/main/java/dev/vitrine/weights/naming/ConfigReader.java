package dev.vitrine.weights.naming;

import dev.vitrine.kernels.Activation;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.json.JsonObject;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Reads {@code config.json} of Hugging Face and {@code tl_config.json} of TransformerLens. */
public final class ConfigReader {

  private ConfigReader() {}

  /**
   * Reads a configuration, of whichever of the two kinds it is.
   *
   * @throws WeightsException if it is no GPT-2's, or incomplete
   */
  public static Config read(JsonObject json) {
    return json.has("d_model") && json.has("n_layers") ? transformerLens(json) : huggingFace(json);
  }

  private static Config huggingFace(JsonObject json) {
    String type = json.text("model_type").orElse("gpt2");
    if (!type.equals("gpt2")) {
      throw refused(json, "model_type is '" + type + "'");
    }
    if (json.flag("add_cross_attention", false)) {
      throw refused(json, "it has cross attention (add_cross_attention)");
    }
    int dModel = json.count("n_embd");
    int heads = json.count("n_head");
    if (dModel % heads != 0) {
      throw new WeightsException(
          json.origin() + ": n_embd " + dModel + " is not a multiple of n_head " + heads);
    }
    int dHead = dModel / heads;
    return new Config(
        json.count("n_layer"),
        heads,
        dModel,
        dHead,
        json.has("n_inner") ? json.count("n_inner") : 4 * dModel,
        json.count(json.has("n_positions") ? "n_positions" : "n_ctx"),
        json.count("vocab_size"),
        epsilon(json, "layer_norm_epsilon"),
        activation(json, "activation_function", "gelu_new"),
        json.flag("scale_attn_weights", true),
        json.flag("scale_attn_by_inverse_layer_idx", false),
        Math.sqrt(dHead),
        true,
        false,
        true,
        json.flag("tie_word_embeddings", true),
        type,
        token(json, "bos_token_id"),
        token(json, "eos_token_id"));
  }

  private static Config transformerLens(JsonObject json) {
    int dModel = json.count("d_model");
    int heads = json.count("n_heads");
    int dHead = json.has("d_head") ? json.count("d_head") : Math.max(1, dModel / heads);
    boolean attentionOnly = json.flag("attn_only", false);
    String norm = json.text("normalization_type").orElse("none");
    boolean layerNorm =
        switch (norm) {
          case "LN", "LNPre" -> true;
          case "none" -> false;
          default -> throw refused(json, "normalization_type is '" + norm + "', not LN or null");
        };
    String positions = json.text("positional_embedding_type").orElse("standard");
    if (!positions.equals("standard")) {
      throw refused(json, "positional_embedding_type is '" + positions + "', not 'standard'");
    }
    refuse(json, "parallel_attn_mlp", "gated_mlp", "final_rms", "post_embedding_ln");
    if (json.has("num_experts")) {
      throw refused(json, "it is a mixture of experts (num_experts)");
    }
    return new Config(
        json.count("n_layers"),
        heads,
        dModel,
        dHead,
        attentionOnly ? 0 : json.has("d_mlp") ? json.count("d_mlp") : 4 * dModel,
        json.count("n_ctx"),
        json.count("d_vocab"),
        epsilon(json, "eps"),
        attentionOnly && !json.has("act_fn")
            ? Activation.GELU_NEW
            : activation(json, "act_fn", "gelu_new"),
        json.flag("use_attn_scale", true),
        json.flag("scale_attn_by_inverse_layer_idx", false),
        attentionScale(json, dHead),
        layerNorm,
        attentionOnly,
        true,
        false,
        "gpt2",
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  private static void refuse(JsonObject json, String... flags) {
    for (String flag : flags) {
      if (json.flag(flag, false)) {
        throw refused(json, "'" + flag + "' is set");
      }
    }
  }

  private static WeightsException refused(JsonObject json, String why) {
    return new WeightsException(
        json.origin() + ": is no GPT-2 (" + why + "); Vitrine runs models of the GPT-2 family");
  }

  private static double epsilon(JsonObject json, String key) {
    double epsilon = json.number(key, 1e-5);
    if (!(epsilon >= 0 && epsilon < 1e6)) {
      throw new WeightsException(json.origin() + ": " + key + " is " + epsilon + "; not usable");
    }
    return epsilon;
  }

  private static double attentionScale(JsonObject json, int dHead) {
    double scale = json.number("attn_scale", Math.sqrt(dHead));
    if (scale < 0) {
      return Math.sqrt(dHead); // TransformerLens writes -1 for what it computes itself
    }
    if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
      throw new WeightsException(json.origin() + ": attn_scale is " + scale + "; not usable");
    }
    return scale;
  }

  private static Activation activation(JsonObject json, String key, String otherwise) {
    String name = json.text(key).orElse(otherwise);
    return Activation.named(name)
        .orElseThrow(() ->
            new WeightsException(
                json.origin()
                    + ": "
                    + key
                    + " '"
                    + name
                    + "' is not supported; supported are "
                    + Arrays.stream(Activation.values())
                        .map(Activation::configName)
                        .collect(Collectors.joining(", "))));
  }

  private static OptionalInt token(JsonObject json, String key) {
    return json.integer(key);
  }
}
