package dev.vitrine.trace;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.ONE;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.tensor.Axis;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table of sites: every tensor that a GPT-2 computes, by the name that TransformerLens gave it.
 *
 * <p>One table drives everything that speaks of sites: the forward pass that announces them, dump,
 * nearest names, {@code describe()}, the audit and the documentation. The order is the order of
 * computation. {@code L} in a formula is the layer, LN a layer norm without gain and bias.
 *
 * @see Site
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists come from List.of
public enum Hook {
  EMBED(
      "hook_embed",
      axes(POSITION, D_MODEL),
      "W_E[token]",
      parents(),
      weights("embed.W_E"),
      "the token embedding"),
  POS_EMBED(
      "hook_pos_embed",
      axes(POSITION, D_MODEL),
      "W_pos[position]",
      parents(),
      weights("pos_embed.W_pos"),
      "the position embedding"),
  RESID_PRE(
      "blocks.L.hook_resid_pre",
      axes(POSITION, D_MODEL),
      "blocks.(L-1).hook_resid_post; in block 0, hook_embed + hook_pos_embed",
      parents("EMBED", "POS_EMBED", "RESID_POST"),
      weights(),
      "the residual stream into the block, before any layer norm"),
  ATTN_IN(
      "blocks.L.hook_attn_in",
      axes(POSITION, HEAD, D_MODEL),
      "hook_resid_pre, one copy a head",
      parents("RESID_PRE"),
      weights(),
      "before the layer norm; the copies share one storage"),
  Q_INPUT(
      "blocks.L.hook_q_input",
      axes(POSITION, HEAD, D_MODEL),
      "hook_attn_in, as the queries read it",
      parents("ATTN_IN"),
      weights(),
      "before the layer norm; the copies share one storage"),
  K_INPUT(
      "blocks.L.hook_k_input",
      axes(POSITION, HEAD, D_MODEL),
      "hook_attn_in, as the keys read it",
      parents("ATTN_IN"),
      weights(),
      "before the layer norm; the copies share one storage"),
  V_INPUT(
      "blocks.L.hook_v_input",
      axes(POSITION, HEAD, D_MODEL),
      "hook_attn_in, as the values read it",
      parents("ATTN_IN"),
      weights(),
      "before the layer norm; the copies share one storage"),
  LN1_SCALE(
      "blocks.L.ln1.hook_scale",
      axes(POSITION, ONE),
      "√(mean((hook_resid_pre - mean)²) + ε)",
      parents("RESID_PRE"),
      weights(),
      "the divisor of the layer norm; ε inside the root, variance divided by d_model"),
  LN1_NORMALIZED(
      "blocks.L.ln1.hook_normalized",
      axes(POSITION, D_MODEL),
      "(hook_resid_pre - mean) / ln1.hook_scale",
      parents("RESID_PRE", "LN1_SCALE"),
      weights(),
      "before gain and bias"),
  Q(
      "blocks.L.attn.hook_q",
      axes(POSITION, HEAD, D_HEAD),
      "(ln1.hook_normalized · ln1.w + ln1.b) W_Q + b_Q",
      parents("LN1_NORMALIZED", "Q_INPUT"),
      weights("blocks.L.ln1.w", "blocks.L.ln1.b", "blocks.L.attn.W_Q", "blocks.L.attn.b_Q"),
      "bias included"),
  K(
      "blocks.L.attn.hook_k",
      axes(POSITION, HEAD, D_HEAD),
      "(ln1.hook_normalized · ln1.w + ln1.b) W_K + b_K",
      parents("LN1_NORMALIZED", "K_INPUT"),
      weights("blocks.L.ln1.w", "blocks.L.ln1.b", "blocks.L.attn.W_K", "blocks.L.attn.b_K"),
      "bias included"),
  V(
      "blocks.L.attn.hook_v",
      axes(POSITION, HEAD, D_HEAD),
      "(ln1.hook_normalized · ln1.w + ln1.b) W_V + b_V",
      parents("LN1_NORMALIZED", "V_INPUT"),
      weights("blocks.L.ln1.w", "blocks.L.ln1.b", "blocks.L.attn.W_V", "blocks.L.attn.b_V"),
      "bias included"),
  ATTN_SCORES(
      "blocks.L.attn.hook_attn_scores",
      axes(HEAD, QUERY, KEY),
      "hook_q · hook_k / √d_head",
      parents("Q", "K"),
      weights(),
      "scaled, then masked: -inf where the key lies after the query"),
  PATTERN(
      "blocks.L.attn.hook_pattern",
      axes(HEAD, QUERY, KEY),
      "softmax over the keys of attn.hook_attn_scores",
      parents("ATTN_SCORES"),
      weights(),
      "rows sum to 1; 0 where the key lies after the query"),
  Z(
      "blocks.L.attn.hook_z",
      axes(POSITION, HEAD, D_HEAD),
      "Σ over keys of attn.hook_pattern · attn.hook_v",
      parents("PATTERN", "V"),
      weights(),
      "before W_O"),
  RESULT(
      "blocks.L.attn.hook_result",
      axes(POSITION, HEAD, D_MODEL),
      "attn.hook_z[head] W_O[head]",
      parents("Z"),
      weights("blocks.L.attn.W_O"),
      "what each head writes to the residual stream; without b_O"),
  ATTN_OUT(
      "blocks.L.hook_attn_out",
      axes(POSITION, D_MODEL),
      "Σ over heads of attn.hook_result + b_O",
      parents("RESULT"),
      weights("blocks.L.attn.b_O"),
      "b_O included"),
  RESID_MID(
      "blocks.L.hook_resid_mid",
      axes(POSITION, D_MODEL),
      "hook_resid_pre + hook_attn_out",
      parents("RESID_PRE", "ATTN_OUT"),
      weights(),
      "the residual stream between attention and MLP, before any layer norm"),
  MLP_IN(
      "blocks.L.hook_mlp_in",
      axes(POSITION, D_MODEL),
      "hook_resid_mid, as the MLP reads it",
      parents("RESID_MID"),
      weights(),
      "before the layer norm; shares its storage with hook_resid_mid"),
  LN2_SCALE(
      "blocks.L.ln2.hook_scale",
      axes(POSITION, ONE),
      "√(mean((hook_mlp_in - mean)²) + ε)",
      parents("MLP_IN"),
      weights(),
      "the divisor of the layer norm; ε inside the root, variance divided by d_model"),
  LN2_NORMALIZED(
      "blocks.L.ln2.hook_normalized",
      axes(POSITION, D_MODEL),
      "(hook_mlp_in - mean) / ln2.hook_scale",
      parents("MLP_IN", "LN2_SCALE"),
      weights(),
      "before gain and bias"),
  MLP_PRE(
      "blocks.L.mlp.hook_pre",
      axes(POSITION, D_MLP),
      "(ln2.hook_normalized · ln2.w + ln2.b) W_in + b_in",
      parents("LN2_NORMALIZED"),
      weights("blocks.L.ln2.w", "blocks.L.ln2.b", "blocks.L.mlp.W_in", "blocks.L.mlp.b_in"),
      "before the activation; bias included"),
  MLP_POST(
      "blocks.L.mlp.hook_post",
      axes(POSITION, D_MLP),
      "activation(mlp.hook_pre)",
      parents("MLP_PRE"),
      weights(),
      "the neurons"),
  MLP_OUT(
      "blocks.L.hook_mlp_out",
      axes(POSITION, D_MODEL),
      "mlp.hook_post W_out + b_out",
      parents("MLP_POST"),
      weights("blocks.L.mlp.W_out", "blocks.L.mlp.b_out"),
      "b_out included"),
  RESID_POST(
      "blocks.L.hook_resid_post",
      axes(POSITION, D_MODEL),
      "hook_resid_mid + hook_mlp_out; without an MLP, hook_resid_pre + hook_attn_out",
      parents("RESID_PRE", "ATTN_OUT", "RESID_MID", "MLP_OUT"),
      weights(),
      "the residual stream out of the block, before any layer norm"),
  LN_FINAL_SCALE(
      "ln_final.hook_scale",
      axes(POSITION, ONE),
      "√(mean((resid - mean)²) + ε), resid the last block's hook_resid_post",
      parents("RESID_POST"),
      weights(),
      "the divisor of the layer norm; ε inside the root, variance divided by d_model"),
  LN_FINAL_NORMALIZED(
      "ln_final.hook_normalized",
      axes(POSITION, D_MODEL),
      "(resid - mean) / ln_final.hook_scale, resid the last block's hook_resid_post",
      parents("RESID_POST", "LN_FINAL_SCALE"),
      weights(),
      "before gain and bias"),
  UNEMBED_IN(
      "unembed.hook_in",
      axes(POSITION, D_MODEL),
      "ln_final.hook_normalized · ln_final.w + ln_final.b; without layer norm, the last"
          + " hook_resid_post",
      parents("RESID_POST", "LN_FINAL_NORMALIZED"),
      weights("ln_final.w", "ln_final.b"),
      "gain and bias included"),
  LOGITS(
      "unembed.hook_out",
      axes(POSITION, VOCAB),
      "unembed.hook_in W_U + b_U",
      parents("UNEMBED_IN"),
      weights("unembed.W_U", "unembed.b_U"),
      "GPT-2 has no b_U, and W_U is W_E transposed"),
  LOSS_PER_TOKEN(
      "loss_per_token",
      axes(POSITION),
      "-log softmax(unembed.hook_out)[next token]",
      parents("LOGITS"),
      weights(),
      "in nats; at position p for the token at p + 1, so that the last position has none");

  private final String template;
  private final List<Axis> axes;
  private final String formula;
  private final List<String> parents;
  private final List<String> weights;
  private final String convention;

  Hook(
      String template,
      List<Axis> axes,
      String formula,
      List<String> parents,
      List<String> weights,
      String convention) {
    this.template = template;
    this.axes = axes;
    this.formula = formula;
    this.parents = parents;
    this.weights = weights;
    this.convention = convention;
  }

  private static List<Axis> axes(Axis... axes) {
    return List.of(axes);
  }

  private static List<String> parents(String... hooks) {
    return List.of(hooks);
  }

  private static List<String> weights(String... names) {
    return List.of(names);
  }

  /** Whether every block has one, rather than the model as a whole. */
  public boolean inBlock() {
    return template.startsWith("blocks.");
  }

  /** The axes of its tensor, in order; a batch adds one in front. */
  public List<Axis> axes() {
    return axes;
  }

  /** How it is computed from its parents. */
  public String formula() {
    return formula;
  }

  /** What one should know to compare it with another tool's. */
  public String convention() {
    return convention;
  }

  /** The method of the forward pass that computes it. */
  String method() {
    return switch (this) {
      case EMBED, POS_EMBED -> "embed";
      case LN_FINAL_SCALE, LN_FINAL_NORMALIZED, UNEMBED_IN, LOGITS, LOSS_PER_TOKEN -> "unembed";
      default -> compareTo(RESID_MID) <= 0 ? "attention" : "mlp";
    };
  }

  /** The names of the weights that the formula uses, in {@code layer}. */
  public List<String> weights(int layer) {
    return weights.stream().map(name -> name.replace(".L.", "." + layer + ".")).toList();
  }

  /** The sites that the formula reads, in {@code layer} of a model. */
  public List<Site> parents(int layer, Config config) {
    List<Site> sites = new ArrayList<>();
    for (String parent : parents) {
      Hook hook = valueOf(parent);
      if (hook.absence(config).isPresent() || isBypassed(hook, layer, config)) {
        continue;
      }
      boolean fromBelow = this == RESID_PRE && hook == RESID_POST;
      int at = fromBelow ? layer - 1 : inBlock() ? layer : config.layers() - 1;
      sites.add(hook.inBlock() ? Site.of(hook, at) : Site.of(hook));
    }
    return sites;
  }

  /** Whether {@code parent}, though the model has it, is not what this hook reads at this place. */
  private boolean isBypassed(Hook parent, int layer, Config config) {
    return switch (this) {
      case RESID_PRE -> (parent == RESID_POST) == (layer == 0);
      case RESID_POST -> !config.attentionOnly() && (parent == RESID_PRE || parent == ATTN_OUT);
      case Q, K, V -> config.layerNorm() && parent.compareTo(LN1_SCALE) < 0;
      case UNEMBED_IN -> config.layerNorm() && parent == RESID_POST;
      default -> false;
    };
  }

  /** The name of the site in {@code layer}; the layer is ignored outside the blocks. */
  String name(int layer) {
    return inBlock() ? template.replace(".L.", "." + layer + ".") : template;
  }

  /** Further names of the same tensor in a model of this configuration. */
  public List<String> aliases(Config config) {
    return switch (this) {
      case UNEMBED_IN -> config.layerNorm() ? List.of("ln_final.output") : List.of();
      case LOGITS -> List.of("logits");
      default -> List.of();
    };
  }

  /** Why a model of this configuration has no such site, or empty if it has. */
  public Optional<String> absence(Config config) {
    return switch (this) {
      case POS_EMBED ->
          config.positions()
              ? Optional.empty()
              : Optional.of("the model has no position embedding");
      case LN1_SCALE, LN1_NORMALIZED, LN_FINAL_SCALE, LN_FINAL_NORMALIZED ->
          config.layerNorm() ? Optional.empty() : Optional.of("the model has no layer norm");
      case RESID_MID, MLP_IN, LN2_SCALE, LN2_NORMALIZED, MLP_PRE, MLP_POST, MLP_OUT ->
          config.attentionOnly()
              ? Optional.of("the model has no MLP: it is attention-only")
              : config.layerNorm() || (this != LN2_SCALE && this != LN2_NORMALIZED)
                  ? Optional.empty()
                  : Optional.of("the model has no layer norm");
      default -> Optional.empty();
    };
  }
}
