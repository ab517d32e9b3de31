package dev.vitrine.analysis.audit;

import static dev.vitrine.analysis.audit.Identity.exact;
import static dev.vitrine.analysis.audit.Identity.within;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.ONE;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.analysis.formula.Assumptions;
import dev.vitrine.analysis.formula.Formulas;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Config;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What must be true of each site, by the table of sites: that it is the sum its formula says.
 *
 * <p>Sums that the model rounds nowhere else are exact; the others are added here in double
 * precision, so that what differs is what the model rounded.
 */
final class Identities {
  private final Trace trace;
  private final Function<Site, Tensor> tensors;
  private final Config config;
  private final Formulas formulas;

  /**
   * @param tensors where its tensors are read from: a block's are asked for many times
   */
  Identities(Trace trace, Function<Site, Tensor> tensors) {
    this.trace = trace;
    this.tensors = tensors;
    this.config = trace.model().config();
    this.formulas = new Formulas(Assumptions.of(trace.model()), trace.tokens().ids(), tensors);
  }

  /** The identity of a site; empty for what is no sum: tables that are looked up, activations. */
  Optional<Identity> of(Site site) {
    int l = site.layer();
    return switch (site.hook()) {
      case EMBED, POS_EMBED, MLP_POST -> Optional.empty();
      case RESID_PRE -> Optional.of(residPre(l));
      case ATTN_IN, Q_INPUT, K_INPUT, V_INPUT -> Optional.of(copies(site));
      case MLP_IN ->
          Optional.of(exact("hook_mlp_in = hook_resid_mid", at(Site.residMid(l)), at(site)));
      case LN1_SCALE, LN2_SCALE, LN_FINAL_SCALE -> Optional.of(scale(site));
      case LN1_NORMALIZED, LN2_NORMALIZED, LN_FINAL_NORMALIZED -> Optional.of(normalized(site));
      case Q -> Optional.of(projection(site, "W_Q", "b_Q"));
      case K -> Optional.of(projection(site, "W_K", "b_K"));
      case V -> Optional.of(projection(site, "W_V", "b_V"));
      case ATTN_SCORES ->
          Optional.of(
              formula(
                  "hook_q · hook_k / √d_head, -inf after the query = attn.hook_attn_scores", site));
      case PATTERN -> Optional.of(pattern(site));
      case Z ->
          Optional.of(
              formula("Σ over keys of attn.hook_pattern · attn.hook_v = attn.hook_z", site));
      case RESULT -> Optional.of(formula("attn.hook_z W_O = attn.hook_result", site));
      case ATTN_OUT -> Optional.of(heads(site));
      case RESID_MID ->
          Optional.of(
              exact(
                  "hook_resid_pre + hook_attn_out = hook_resid_mid",
                  at(Site.residPre(l)).plus(at(Site.attnOut(l))),
                  at(site)));
      case MLP_PRE -> Optional.of(formula("ln2 of hook_mlp_in W_in + b_in = mlp.hook_pre", site));
      case MLP_OUT ->
          Optional.of(
              formula("Σ over neurons of mlp.hook_post W_out + b_out = hook_mlp_out", site));
      case RESID_POST -> Optional.of(residPost(site));
      case UNEMBED_IN -> Optional.of(unembedIn(site));
      case LOGITS -> Optional.of(logits());
      case LOSS_PER_TOKEN -> Optional.of(loss(site));
    };
  }

  private Tensor at(Site site) {
    return tensors.apply(site);
  }

  private Tensor wide(Site site) {
    return Formulas.wide(at(site));
  }

  /** A site against its formula, in double precision. */
  private Identity formula(String formula, Site site) {
    return within(formula, formulas.of(site).value(), at(site));
  }

  // ---- the residual stream

  private Identity residPre(int layer) {
    Tensor value = at(Site.residPre(layer));
    if (layer > 0) {
      String formula = "hook_resid_post of the block before = hook_resid_pre";
      return exact(formula, at(Site.residPost(layer - 1)), value);
    }
    return config.positions()
        ? exact(
            "hook_embed + hook_pos_embed = hook_resid_pre",
            at(Site.embed()).plus(at(Site.posEmbed())),
            value)
        : exact("hook_embed = hook_resid_pre", at(Site.embed()), value);
  }

  private Identity copies(Site site) {
    List<Tensor> one = Collections.nCopies(config.heads(), at(Site.residPre(site.layer())));
    return exact(
        "hook_resid_pre, for each head = " + last(site),
        Tensor.stack(one, HEAD.of(config.heads())),
        at(site));
  }

  private Identity residPost(Site site) {
    int l = site.layer();
    return config.attentionOnly()
        ? exact(
            "hook_resid_pre + hook_attn_out = hook_resid_post",
            at(Site.residPre(l)).plus(at(Site.attnOut(l))),
            at(site))
        : exact(
            "hook_resid_mid + hook_mlp_out = hook_resid_post",
            at(Site.residMid(l)).plus(at(Site.mlpOut(l))),
            at(site));
  }

  /** A site's name without its block. */
  private static String last(Site site) {
    return site.name().replaceFirst("^blocks\\.\\d+\\.", "");
  }

  // ---- layer norms

  /** What a layer norm reads. */
  private Site input(Site norm) {
    return switch (norm.hook()) {
      case LN1_SCALE, LN1_NORMALIZED -> Site.residPre(norm.layer());
      case LN2_SCALE, LN2_NORMALIZED -> Site.mlpIn(norm.layer());
      default -> Site.residPost(config.layers() - 1);
    };
  }

  private Identity scale(Site site) {
    return formula("√(mean((" + last(input(site)) + " - mean)²) + ε) = " + last(site), site);
  }

  private Identity normalized(Site site) {
    Hook divisor =
        switch (site.hook()) {
          case LN1_NORMALIZED -> Hook.LN1_SCALE;
          case LN2_NORMALIZED -> Hook.LN2_SCALE;
          default -> Hook.LN_FINAL_SCALE;
        };
    Site scale = new Site(divisor, site.layer());
    Tensor x = wide(input(site));
    return within(
        last(site) + " · " + last(scale) + " + mean = " + last(input(site)),
        wide(site).times(wide(scale).at(ONE, 0)).plus(x.mean(D_MODEL)),
        x);
  }

  // ---- attention

  private Identity projection(Site site, String matrix, String bias) {
    return formula("ln1 of hook_resid_pre %s + %s = %s".formatted(matrix, bias, last(site)), site);
  }

  private Identity pattern(Site site) {
    Tensor sums = wide(site).sum(KEY);
    // Of scores among which is a NaN, or nothing but -inf, softmax makes NaN.
    Tensor one = wide(Site.attnScores(site.layer())).softmax(KEY).sum(KEY);
    return within(
        "1 = Σ over keys of attn.hook_pattern", one.map(sum -> Double.isNaN(sum) ? sum : 1), sums);
  }

  private Identity heads(Site site) {
    int l = site.layer();
    Tensor results = at(Site.result(l));
    Tensor sum = results.at(HEAD, 0);
    for (int head = 1; head < config.heads(); head++) {
      sum = sum.plus(results.at(HEAD, head));
    }
    return exact(
        "Σ over heads of attn.hook_result + b_O = hook_attn_out",
        sum.plus(trace.model().parameters().attentionOutputBias(l)),
        at(site));
  }

  // ---- the vocabulary

  private Identity unembedIn(Site site) {
    return config.layerNorm()
        ? formula("ln_final.hook_normalized · ln_final.w + ln_final.b = unembed.hook_in", site)
        : exact(
            "hook_resid_post = unembed.hook_in", at(Site.residPost(config.layers() - 1)), at(site));
  }

  /** At the last position: every token of the vocabulary. */
  private Identity logits() {
    Tensor sum = formulas.logits(at(Site.unembedIn()).at(POSITION, -1)).value();
    return within(
        "unembed.hook_in W_U + b_U = unembed.hook_out, at the last position",
        sum,
        trace.logits(-1));
  }

  private Identity loss(Site site) {
    double[] losses = new double[trace.size() - 1];
    for (int p = 0; p < losses.length; p++) {
      Tensor log = Formulas.wide(trace.logits(p)).logSoftmax(VOCAB);
      losses[p] = -log.get(trace.tokens().id(p + 1));
    }
    Tensor value = at(site);
    return within(
        "log Σ exp(logits) - logit of the next token = loss_per_token",
        Tensor.of(losses, value.dimensions().toArray(Dimension[]::new)),
        value);
  }
}
