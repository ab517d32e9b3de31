package dev.vitrine.model;

import static dev.vitrine.trace.Hook.ATTN_IN;
import static dev.vitrine.trace.Hook.ATTN_OUT;
import static dev.vitrine.trace.Hook.EMBED;
import static dev.vitrine.trace.Hook.K;
import static dev.vitrine.trace.Hook.K_INPUT;
import static dev.vitrine.trace.Hook.LN1_NORMALIZED;
import static dev.vitrine.trace.Hook.LN1_SCALE;
import static dev.vitrine.trace.Hook.LN2_NORMALIZED;
import static dev.vitrine.trace.Hook.LN2_SCALE;
import static dev.vitrine.trace.Hook.LN_FINAL_NORMALIZED;
import static dev.vitrine.trace.Hook.LN_FINAL_SCALE;
import static dev.vitrine.trace.Hook.LOGITS;
import static dev.vitrine.trace.Hook.MLP_IN;
import static dev.vitrine.trace.Hook.MLP_OUT;
import static dev.vitrine.trace.Hook.MLP_POST;
import static dev.vitrine.trace.Hook.MLP_PRE;
import static dev.vitrine.trace.Hook.POS_EMBED;
import static dev.vitrine.trace.Hook.Q;
import static dev.vitrine.trace.Hook.Q_INPUT;
import static dev.vitrine.trace.Hook.RESID_MID;
import static dev.vitrine.trace.Hook.RESID_POST;
import static dev.vitrine.trace.Hook.RESID_PRE;
import static dev.vitrine.trace.Hook.RESULT;
import static dev.vitrine.trace.Hook.UNEMBED_IN;
import static dev.vitrine.trace.Hook.V;
import static dev.vitrine.trace.Hook.V_INPUT;
import static dev.vitrine.trace.Hook.Z;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Span;
import dev.vitrine.trace.Hook;
import dev.vitrine.weights.Config;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of GPT-2 (Radford et al. 2019), straight down.
 *
 * <p>A pass works on rows: a row is one position of one sequence, a vector of d_model numbers that
 * the literature calls the residual stream. It starts as the token's embedding plus the position's;
 * each block reads it through a layer norm and adds to it, first what its attention heads move here
 * from other positions, then what its MLP makes of the result; at the end it is read once more and
 * turned into a logit for every token of the vocabulary. Nothing but attention looks at another
 * row, and attention looks only back.
 *
 * <p>Every tensor is announced to a {@link Watch} under its name as soon as it exists. Nobody need
 * listen; who asks later for a tensor gets it from these same lines, run once more.
 *
 * <p>Shapes in comments are {@code [rows, columns]}; heads lie side by side in the columns.
 */
public final class ForwardPass {
  private final Backend backend;
  private final Config config;
  private final Weights weights;
  private final @Nullable Workspace workspace;

  ForwardPass(Backend backend, Config config, Weights weights, @Nullable Workspace workspace) {
    this.backend = backend;
    this.config = config;
    this.weights = weights;
    this.workspace = workspace;
  }

  /** The residual stream before the first block: where each row's token is, and where it stands. */
  public Array embed(int[] tokens, int[] positions, Watch watch) {
    Array embed = rows(tokens.length, config.dModel()); // [rows, d_model]
    backend.gather(weights.embedding(), tokens, embed);
    embed = watch.see(EMBED, embed);
    if (weights.positions() == null) {
      return embed;
    }
    Array posEmbed = rows(tokens.length, config.dModel()); // [rows, d_model]
    backend.gather(weights.positions(), positions, posEmbed);
    posEmbed = watch.see(POS_EMBED, posEmbed);
    return sum(embed, posEmbed);
  }

  /** A block: attention, then the MLP, each of which reads the residual stream and adds to it. */
  public Array block(int layer, Array residPre, Memory memory, Watch watch) {
    Array residMid = attention(layer, residPre, memory, watch);
    return config.attentionOnly() ? residMid : mlp(layer, residMid, watch);
  }

  /** The first half of a block: heads that move information between positions. */
  public Array attention(int layer, Array resid, Memory memory, Watch watch) {
    Weights.Block block = weights.block(layer);
    Array residPre = watch.see(RESID_PRE, resid);
    Array x = layerNorm(residPre, block.ln1(), LN1_SCALE, LN1_NORMALIZED, watch);

    // Each head asks (q), is found by (k), and hands on (v); all of them are one product.
    int width = config.heads() * config.dHead();
    Array qkv = rows(x.rows(), 3 * width); // [rows, 3 · heads · d_head]
    backend.product(x, block.qkv(), block.qkvBias(), qkv);
    if (Stream.of(ATTN_IN, Q_INPUT, K_INPUT, V_INPUT).anyMatch(watch::edits)) {
      readOwnInputs(block, residPre, qkv, watch);
    }
    Array q = watch.see(Q, qkv.columns(0, width));
    Array k = watch.see(K, qkv.columns(width, 2 * width));
    Array v = watch.see(V, qkv.columns(2 * width, 3 * width));

    // z = softmax(q · k / √d_head) v, for every head, over the row's own sequence up to the row.
    List<Span> spans = memory.spans(layer, k, v);
    Array asking = memory.goingOn(layer, q);
    Array z = rows(asking.rows(), width); // [rows, heads · d_head]
    backend.attend(config.heads(), attentionScale(layer), asking, spans, z);
    mixEdited(spans, z, watch);
    z = watch.see(Z, z);

    Array attnOut = watch.see(ATTN_OUT, writeHeads(block, z, watch)); // [rows, d_model]
    Array stream = memory.goingOn(layer, residPre);
    return watch.see(config.attentionOnly() ? RESID_POST : RESID_MID, sum(stream, attnOut));
  }

  /**
   * q, k and v once more for heads that were given an input of their own: each such copy of the
   * residual stream goes through layer norm and the head's weights by itself.
   */
  private void readOwnInputs(Weights.Block block, Array residPre, Array qkv, Watch watch) {
    int rows = residPre.rows();
    int width = config.dModel();
    Array copies = rows(rows, config.heads() * width); // [rows, heads · d_model]
    for (int head = 0; head < config.heads(); head++) {
      backend.copy(residPre, 0, copies.columns(head * width, (head + 1) * width), 0, rows);
    }
    Array attnIn = watch.see(ATTN_IN, copies);
    List<Hook> inputs = List.of(Q_INPUT, K_INPUT, V_INPUT);
    for (int i = 0; i < inputs.size(); i++) {
      Array input = watch.see(inputs.get(i), attnIn);
      for (int head = 0; head < config.heads(); head++) {
        if (watch.edits(inputs.get(i), head)) {
          Array own = input.columns(head * width, (head + 1) * width);
          Array x = layerNorm(own, block.ln1(), LN1_SCALE, LN1_NORMALIZED, watch.unseen());
          Array all = rows(rows, qkv.columns());
          backend.product(x, block.qkv(), block.qkvBias(), all);
          int from = (i * config.heads() + head) * config.dHead();
          int to = from + config.dHead();
          backend.copy(all.columns(from, to), 0, qkv.columns(from, to), 0, rows);
        }
      }
    }
  }

  /** z once more for spans whose scores or pattern were edited. */
  private void mixEdited(List<Span> spans, Array z, Watch watch) {
    for (Span span : watch.seeScores(spans)) {
      backend.softmax(
          Objects.requireNonNull(span.scores()), Objects.requireNonNull(span.pattern()));
    }
    List<Span> edited = watch.seePattern(spans);
    if (!edited.isEmpty()) {
      backend.mix(config.heads(), edited, z);
    }
  }

  /** What attention writes: {@code z W_O + b_O}, which is the sum of the heads' results and b_O. */
  private Array writeHeads(Weights.Block block, Array z, Watch watch) {
    Array attnOut = rows(z.rows(), config.dModel()); // [rows, d_model]
    if (!watch.wants(RESULT) && !watch.edits(RESULT)) {
      backend.product(z, block.attentionOut(), block.attentionOutBias(), attnOut);
      return attnOut;
    }
    // W_O is cut into blocks of d_head, so the product adds up the heads' results in this order.
    Array result = rows(z.rows(), config.heads() * config.dModel()); // [rows, heads · d_model]
    backend.blocks(z, block.attentionOut(), result);
    result = watch.see(RESULT, result);
    backend.copy(result.columns(0, config.dModel()), 0, attnOut, 0, z.rows());
    for (int head = 1; head < config.heads(); head++) {
      int from = head * config.dModel();
      backend.add(attnOut, result.columns(from, from + config.dModel()), attnOut);
    }
    Array bias = rows(z.rows(), config.dModel());
    for (int row = 0; row < z.rows(); row++) {
      backend.copy(block.attentionOutBias(), 0, bias, row, 1);
    }
    backend.add(attnOut, bias, attnOut);
    return attnOut;
  }

  /** The second half of a block: neurons that work on each position by itself. */
  public Array mlp(int layer, Array residMid, Watch watch) {
    Weights.Block block = weights.block(layer);
    Weights.Mlp mlp = block.mlp();
    Array mlpIn = watch.see(MLP_IN, residMid);
    Array x = layerNorm(mlpIn, block.ln2(), LN2_SCALE, LN2_NORMALIZED, watch);
    Array post = rows(x.rows(), config.dMlp()); // [rows, d_mlp]
    if (watch.wants(MLP_PRE) || watch.edits(MLP_PRE)) {
      Array pre = rows(x.rows(), config.dMlp()); // [rows, d_mlp]
      backend.product(x, mlp.in(), mlp.inBias(), pre);
      backend.activate(config.activation(), watch.see(MLP_PRE, pre), post);
    } else { // both in one step, with the same bits
      backend.product(x, mlp.in(), mlp.inBias(), config.activation(), post);
    }
    post = watch.see(MLP_POST, post);
    Array mlpOut = rows(x.rows(), config.dModel()); // [rows, d_model]
    backend.product(post, mlp.out(), mlp.outBias(), mlpOut);
    mlpOut = watch.see(MLP_OUT, mlpOut);
    return watch.see(RESID_POST, sum(residMid, mlpOut));
  }

  /** The logit of every token of the vocabulary as the next one: {@code [rows, vocab]}. */
  public Array unembed(Array resid, Watch watch) {
    Array x = layerNorm(resid, weights.lnFinal(), LN_FINAL_SCALE, LN_FINAL_NORMALIZED, watch);
    x = watch.see(UNEMBED_IN, x);
    return watch.wants(LOGITS) ? logits(x, watch) : x;
  }

  private Array logits(Array x, Watch watch) {
    Array logits = rows(x.rows(), config.vocab()); // [rows, vocab]
    backend.product(x, weights.unembedding(), weights.unembeddingBias(), logits);
    return watch.see(LOGITS, logits);
  }

  /** What the dot product of q and k is multiplied by. */
  public double attentionScale(int layer) {
    double divisor = config.scaleAttention() ? config.attentionScale() : 1;
    return 1 / (config.scaleByInverseLayer() ? divisor * (layer + 1) : divisor);
  }

  /** {@code (x - mean) / scale · gain + bias}; a model without layer norm reads x as it is. */
  private Array layerNorm(
      Array x, Weights.@Nullable LayerNorm norm, Hook scaleHook, Hook normalizedHook, Watch watch) {
    if (norm == null) {
      return x;
    }
    boolean edited = watch.edits(scaleHook) || watch.edits(normalizedHook);
    Array scale = edited || watch.wants(scaleHook) ? rows(x.rows(), 1) : null;
    Array normalized = edited || watch.wants(normalizedHook) ? rows(x.rows(), x.columns()) : null;
    Array out = rows(x.rows(), x.columns());
    backend.layerNorm(
        x, norm.gain(), norm.bias(), config.layerNormEpsilon(), out, scale, normalized);
    if (scale != null) {
      scale = watch.see(scaleHook, scale);
    }
    if (watch.edits(scaleHook)) {
      backend.normalize(x, Objects.requireNonNull(scale), Objects.requireNonNull(normalized));
    }
    if (normalized != null) {
      normalized = watch.see(normalizedHook, normalized);
    }
    if (edited) {
      backend.affine(Objects.requireNonNull(normalized), norm.gain(), norm.bias(), out);
    }
    return out;
  }

  private Array sum(Array a, Array b) {
    Array sum = rows(a.rows(), a.columns());
    backend.add(a, b, sum);
    return sum;
  }

  private Array rows(int rows, int columns) {
    return workspace == null ? backend.rows(rows, columns) : workspace.rows(rows, columns);
  }
}
