package dev.vitrine.weights.naming;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.StoredTensor;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names of TransformerLens, whose matrices have a head axis of their own and whose unembedding
 * has a column, not a row, for each token.
 */
public final class TransformerLens implements Layout {

  private static final Pattern BUFFER = Pattern.compile("blocks\\.\\d+\\.attn\\.(mask|IGNORE)");
  private static final List<String> PARTS = List.of("Q", "K", "V");

  private final Inventory inventory;
  private final Config config;
  private final boolean gains;
  private final boolean unembeddingBias;

  /**
   * Finds the weights of a model.
   *
   * @throws dev.vitrine.weights.WeightsException if they are not those of the configuration
   */
  public TransformerLens(Checkpoint checkpoint, Config config) {
    this.inventory = new Inventory(checkpoint, config);
    this.config = config;
    this.gains = config.layerNorm() && checkpoint.find("ln_final.w").isPresent();
    this.unembeddingBias = checkpoint.find("unembed.b_U").isPresent();
    inventory.need("embed.W_E", config.vocab(), config.dModel());
    if (config.positions()) {
      inventory.need("pos_embed.W_pos", config.context(), config.dModel());
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      block(layer);
    }
    norm("ln_final");
    inventory.need("unembed.W_U", config.dModel(), config.vocab());
    if (unembeddingBias) {
      inventory.need("unembed.b_U", config.vocab());
    }
    inventory.close(name -> BUFFER.matcher(name).matches());
  }

  private void block(int layer) {
    int d = config.dModel();
    for (String part : PARTS) {
      inventory.need(name(layer, "attn.W_" + part), config.heads(), d, config.dHead());
      inventory.need(name(layer, "attn.b_" + part), config.heads(), config.dHead());
    }
    inventory.need(name(layer, "attn.W_O"), config.heads(), config.dHead(), d);
    inventory.need(name(layer, "attn.b_O"), d);
    norm(name(layer, "ln1"));
    if (!config.attentionOnly()) {
      norm(name(layer, "ln2"));
      inventory.need(name(layer, "mlp.W_in"), d, config.dMlp());
      inventory.need(name(layer, "mlp.b_in"), config.dMlp());
      inventory.need(name(layer, "mlp.W_out"), config.dMlp(), d);
      inventory.need(name(layer, "mlp.b_out"), d);
    }
  }

  private void norm(String name) {
    if (gains) {
      inventory.need(name + ".w", config.dModel());
      inventory.need(name + ".b", config.dModel());
    }
  }

  private static String name(int layer, String rest) {
    return "blocks." + layer + "." + rest;
  }

  @Override
  public Source tokenEmbedding() {
    return inventory.rows("embed.W_E");
  }

  @Override
  public @Nullable Source positionEmbedding() {
    return config.positions() ? inventory.rows("pos_embed.W_pos") : null;
  }

  @Override
  public Source qkv(int layer) {
    List<StoredTensor> parts =
        PARTS.stream().map(part -> inventory.tensor(name(layer, "attn.W_" + part))).toList();
    int dModel = config.dModel();
    int dHead = config.dHead();
    int width = config.heads() * dHead;
    return new Gathered(
        dModel,
        3 * width,
        (first, count, into) -> {
          double[] run = new double[count * dHead];
          for (int part = 0; part < 3; part++) {
            for (int head = 0; head < config.heads(); head++) {
              long from = ((long) head * dModel + first) * dHead;
              parts.get(part).read(from, run.length, run, 0);
              for (int row = 0; row < count; row++) {
                int to = row * 3 * width + part * width + head * dHead;
                System.arraycopy(run, row * dHead, into, to, dHead);
              }
            }
          }
        });
  }

  @Override
  public Source attentionOutput(int layer) {
    StoredTensor tensor = inventory.tensor(name(layer, "attn.W_O"));
    return new Rows(tensor, config.heads() * config.dHead(), config.dModel());
  }

  @Override
  public Source mlpIn(int layer) {
    return inventory.rows(name(layer, "mlp.W_in"));
  }

  @Override
  public Source mlpOut(int layer) {
    return inventory.rows(name(layer, "mlp.W_out"));
  }

  @Override
  public Source unembedding() {
    return Gathered.transposed(inventory.tensor("unembed.W_U"), config.vocab(), config.dModel());
  }

  @Override
  public double[] vector(Vector vector, int layer) {
    return switch (vector) {
      case QKV_BIAS ->
          inventory.vector(
              name(layer, "attn.b_Q"), name(layer, "attn.b_K"), name(layer, "attn.b_V"));
      case ATTENTION_OUTPUT_BIAS -> inventory.vector(name(layer, "attn.b_O"));
      case MLP_IN_BIAS -> inventory.vector(name(layer, "mlp.b_in"));
      case MLP_OUT_BIAS -> inventory.vector(name(layer, "mlp.b_out"));
      case LN1_GAIN -> normVector(name(layer, "ln1.w"), 1);
      case LN1_BIAS -> normVector(name(layer, "ln1.b"), 0);
      case LN2_GAIN -> normVector(name(layer, "ln2.w"), 1);
      case LN2_BIAS -> normVector(name(layer, "ln2.b"), 0);
    };
  }

  /** LNPre normalises without gain and bias: they were folded into the weights behind it. */
  private double[] normVector(String name, double otherwise) {
    if (gains) {
      return inventory.vector(name);
    }
    double[] constant = new double[config.dModel()];
    Arrays.fill(constant, otherwise);
    return constant;
  }

  @Override
  public double[] finalGain() {
    return normVector("ln_final.w", 1);
  }

  @Override
  public double[] finalBias() {
    return normVector("ln_final.b", 0);
  }

  @Override
  public double @Nullable [] unembeddingBias() {
    return unembeddingBias ? inventory.vector("unembed.b_U") : null;
  }
}
