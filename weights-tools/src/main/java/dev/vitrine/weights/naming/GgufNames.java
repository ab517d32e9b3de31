package dev.vitrine.weights.naming;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Config;
import org.jspecify.annotations.Nullable;

/** The names of llama.cpp, whose matrices have their outputs as rows. */
public final class GgufNames implements Layout {

  private final Inventory inventory;
  private final Config config;

  /**
   * Finds the weights of a model.
   *
   * @throws dev.vitrine.weights.WeightsException if they are not those of the configuration
   */
  public GgufNames(Checkpoint checkpoint, Config config) {
    this.inventory = new Inventory(checkpoint, config);
    this.config = config;
    int d = config.dModel();
    inventory.need("token_embd.weight", config.vocab(), d);
    inventory.need("position_embd.weight", config.context(), d);
    for (int layer = 0; layer < config.layers(); layer++) {
      norm(name(layer, "attn_norm"));
      linear(name(layer, "attn_qkv"), d, 3L * d);
      linear(name(layer, "attn_output"), d, d);
      norm(name(layer, "ffn_norm"));
      linear(name(layer, "ffn_up"), d, config.dMlp());
      linear(name(layer, "ffn_down"), config.dMlp(), d);
    }
    norm("output_norm");
    if (!config.tied()) {
      inventory.need("output.weight", config.vocab(), d);
    }
    inventory.close(name -> false);
  }

  private void linear(String name, long in, long out) {
    inventory.need(name + ".weight", out, in);
    inventory.need(name + ".bias", out);
  }

  private void norm(String name) {
    inventory.need(name + ".weight", config.dModel());
    inventory.need(name + ".bias", config.dModel());
  }

  private static String name(int layer, String rest) {
    return "blk." + layer + "." + rest;
  }

  private Source transposed(String name, int in, int out) {
    return Gathered.transposed(inventory.tensor(name), in, out);
  }

  @Override
  public Source tokenEmbedding() {
    return inventory.rows("token_embd.weight");
  }

  @Override
  public Source positionEmbedding() {
    return inventory.rows("position_embd.weight");
  }

  @Override
  public Source qkv(int layer) {
    return transposed(name(layer, "attn_qkv.weight"), config.dModel(), 3 * config.dModel());
  }

  @Override
  public Source attentionOutput(int layer) {
    return transposed(name(layer, "attn_output.weight"), config.dModel(), config.dModel());
  }

  @Override
  public Source mlpIn(int layer) {
    return transposed(name(layer, "ffn_up.weight"), config.dModel(), config.dMlp());
  }

  @Override
  public Source mlpOut(int layer) {
    return transposed(name(layer, "ffn_down.weight"), config.dMlp(), config.dModel());
  }

  @Override
  public @Nullable Source unembedding() {
    return config.tied() ? null : inventory.rows("output.weight");
  }

  @Override
  public double[] vector(Vector vector, int layer) {
    return inventory.vector(
        name(
            layer,
            switch (vector) {
              case QKV_BIAS -> "attn_qkv.bias";
              case ATTENTION_OUTPUT_BIAS -> "attn_output.bias";
              case MLP_IN_BIAS -> "ffn_up.bias";
              case MLP_OUT_BIAS -> "ffn_down.bias";
              case LN1_GAIN -> "attn_norm.weight";
              case LN1_BIAS -> "attn_norm.bias";
              case LN2_GAIN -> "ffn_norm.weight";
              case LN2_BIAS -> "ffn_norm.bias";
            }));
  }

  @Override
  public double[] finalGain() {
    return inventory.vector("output_norm.weight");
  }

  @Override
  public double[] finalBias() {
    return inventory.vector("output_norm.bias");
  }

  @Override
  public double @Nullable [] unembeddingBias() {
    return null;
  }
}
