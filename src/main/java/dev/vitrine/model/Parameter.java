package dev.vitrine.model;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.View;
import dev.vitrine.weights.Config;
import java.util.List;
import java.util.Optional;

/**
 * The table of weights: each by the name that TransformerLens gave it, which is {@code
 * blocks.L.attn.W_Q} for one layer and {@code W_Q} for all of them, stacked.
 *
 * @see Parameters
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists come from List.of
public enum Parameter {
  /** The token embedding. */
  W_E("embed.W_E", VOCAB, D_MODEL),
  /** The position embedding. */
  W_POS("pos_embed.W_pos", POSITION, D_MODEL),
  /** The gain of the layer norm before attention. */
  LN1_W("blocks.L.ln1.w", D_MODEL),
  /** The bias of the layer norm before attention. */
  LN1_B("blocks.L.ln1.b", D_MODEL),
  /** What makes queries of the residual stream. */
  W_Q("blocks.L.attn.W_Q", HEAD, D_MODEL, D_HEAD),
  /** What makes keys of the residual stream. */
  W_K("blocks.L.attn.W_K", HEAD, D_MODEL, D_HEAD),
  /** What makes values of the residual stream. */
  W_V("blocks.L.attn.W_V", HEAD, D_MODEL, D_HEAD),
  /** What a head writes of what it moved. */
  W_O("blocks.L.attn.W_O", HEAD, D_HEAD, D_MODEL),
  /** The queries' bias. */
  B_Q("blocks.L.attn.b_Q", HEAD, D_HEAD),
  /** The keys' bias. */
  B_K("blocks.L.attn.b_K", HEAD, D_HEAD),
  /** The values' bias. */
  B_V("blocks.L.attn.b_V", HEAD, D_HEAD),
  /** What attention adds whatever its heads say. */
  B_O("blocks.L.attn.b_O", D_MODEL),
  /** The gain of the layer norm before the MLP. */
  LN2_W("blocks.L.ln2.w", D_MODEL),
  /** The bias of the layer norm before the MLP. */
  LN2_B("blocks.L.ln2.b", D_MODEL),
  /** What each neuron reads: a column is a neuron. */
  W_IN("blocks.L.mlp.W_in", D_MODEL, D_MLP),
  /** The neurons' bias. */
  B_IN("blocks.L.mlp.b_in", D_MLP),
  /** What each neuron writes: a row is a neuron. */
  W_OUT("blocks.L.mlp.W_out", D_MLP, D_MODEL),
  /** What the MLP adds whatever its neurons say. */
  B_OUT("blocks.L.mlp.b_out", D_MODEL),
  /** The gain of the last layer norm. */
  LN_FINAL_W("ln_final.w", D_MODEL),
  /** The bias of the last layer norm. */
  LN_FINAL_B("ln_final.b", D_MODEL),
  /** The unembedding: a column is a token. */
  W_U("unembed.W_U", D_MODEL, VOCAB),
  /** The logits' bias; zeros in a model without. */
  B_U("unembed.b_U", VOCAB);

  private final String template;
  private final List<Axis> axes;

  Parameter(String template, Axis... axes) {
    this.template = template;
    this.axes = List.of(axes);
  }

  /** Whether every block has one. */
  public boolean inBlock() {
    return template.startsWith("blocks.");
  }

  /** The axes of one layer's; all layers' have the layer in front. */
  public List<Axis> axes() {
    return axes;
  }

  /** Its name in a layer; the layer is ignored outside the blocks. */
  public String name(int layer) {
    return inBlock() ? template.replace(".L.", "." + layer + ".") : template;
  }

  /** Its name for all layers, such as {@code W_Q} or {@code ln1.w}. */
  public String stackedName() {
    return template.replaceAll(
        "^(blocks\\.L\\.)?(attn\\.|mlp\\.|embed\\.|pos_embed\\.|unembed\\.)?", "");
  }

  /** Whether it is gain or bias of a layer norm. */
  boolean isLayerNorm() {
    return switch (this) {
      case LN1_W, LN1_B, LN2_W, LN2_B, LN_FINAL_W, LN_FINAL_B -> true;
      default -> false;
    };
  }

  /** Why a model has no such weight, or empty if it has. */
  public Optional<String> absence(Config config, View view) {
    if (this == W_POS && !config.positions()) {
      return Optional.of("the model has no position embedding");
    }
    if (config.attentionOnly()) {
      switch (this) {
        case LN2_W, LN2_B, W_IN, B_IN, W_OUT, B_OUT -> {
          return Optional.of("the model has no MLP: it is attention-only");
        }
        default -> {}
      }
    }
    if (isLayerNorm() && !config.layerNorm()) {
      return Optional.of("the model has no layer norm");
    }
    if (isLayerNorm() && view.has(View.Step.FOLD_LN)) {
      return Optional.of("it is folded into the matrices behind it in the view " + view);
    }
    return Optional.empty();
  }
}
