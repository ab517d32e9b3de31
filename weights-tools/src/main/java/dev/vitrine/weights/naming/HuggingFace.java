package dev.vitrine.weights.naming;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Config;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The names of Hugging Face's GPT-2, whose layouts are already those that a model reads. */
public final class HuggingFace implements Layout {

  private static final String PREFIX = "transformer.";

  // Causal masks, which transformers kept among the weights until 2023.
  private static final Pattern MASK = Pattern.compile("h\\.\\d+\\.attn\\.(masked_)?bias");

  private final Inventory inventory;
  private final Config config;
  private final String prefix;

  /**
   * Finds the weights of a model.
   *
   * @throws dev.vitrine.weights.WeightsException if they are not those of the configuration
   */
  public HuggingFace(Checkpoint checkpoint, Config config) {
    this.inventory = new Inventory(checkpoint, config);
    this.config = config;
    this.prefix = checkpoint.find(PREFIX + "wte.weight").isPresent() ? PREFIX : "";
    int d = config.dModel();
    inventory.need(prefix + "wte.weight", config.vocab(), d);
    inventory.need(prefix + "wpe.weight", config.context(), d);
    for (int layer = 0; layer < config.layers(); layer++) {
      norm(name(layer, "ln_1"));
      linear(name(layer, "attn.c_attn"), d, 3L * d);
      linear(name(layer, "attn.c_proj"), d, d);
      norm(name(layer, "ln_2"));
      linear(name(layer, "mlp.c_fc"), d, config.dMlp());
      linear(name(layer, "mlp.c_proj"), config.dMlp(), d);
    }
    norm(prefix + "ln_f");
    if (!config.tied()) {
      inventory.need("lm_head.weight", config.vocab(), d);
    }
    inventory.close(name ->
        (config.tied() && name.equals("lm_head.weight"))
            || (name.startsWith(prefix)
                && MASK.matcher(name.substring(prefix.length())).matches()));
  }

  private void linear(String name, long in, long out) {
    inventory.need(name + ".weight", in, out);
    inventory.need(name + ".bias", out);
  }

  private void norm(String name) {
    inventory.need(name + ".weight", config.dModel());
    inventory.need(name + ".bias", config.dModel());
  }

  private String name(int layer, String rest) {
    return prefix + "h." + layer + "." + rest;
  }

  @Override
  public Source tokenEmbedding() {
    return inventory.rows(prefix + "wte.weight");
  }

  @Override
  public Source positionEmbedding() {
    return inventory.rows(prefix + "wpe.weight");
  }

  @Override
  public Source qkv(int layer) {
    return inventory.rows(name(layer, "attn.c_attn.weight"));
  }

  @Override
  public Source attentionOutput(int layer) {
    return inventory.rows(name(layer, "attn.c_proj.weight"));
  }

  @Override
  public Source mlpIn(int layer) {
    return inventory.rows(name(layer, "mlp.c_fc.weight"));
  }

  @Override
  public Source mlpOut(int layer) {
    return inventory.rows(name(layer, "mlp.c_proj.weight"));
  }

  @Override
  public @Nullable Source unembedding() {
    return config.tied() ? null : inventory.rows("lm_head.weight");
  }

  @Override
  public double[] vector(Vector vector, int layer) {
    return inventory.vector(
        name(
            layer,
            switch (vector) {
              case QKV_BIAS -> "attn.c_attn.bias";
              case ATTENTION_OUTPUT_BIAS -> "attn.c_proj.bias";
              case MLP_IN_BIAS -> "mlp.c_fc.bias";
              case MLP_OUT_BIAS -> "mlp.c_proj.bias";
              case LN1_GAIN -> "ln_1.weight";
              case LN1_BIAS -> "ln_1.bias";
              case LN2_GAIN -> "ln_2.weight";
              case LN2_BIAS -> "ln_2.bias";
            }));
  }

  @Override
  public double[] finalGain() {
    return inventory.vector(prefix + "ln_f.weight");
  }

  @Override
  public double[] finalBias() {
    return inventory.vector(prefix + "ln_f.bias");
  }

  @Override
  public double @Nullable [] unembeddingBias() {
    return null;
  }
}
