package dev.vitrine.trace;

import static dev.vitrine.tensor.Axis.POSITION;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.model.ForwardPass;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Memory;
import dev.vitrine.model.Watch;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.acting.Editor;
import dev.vitrine.trace.acting.Program;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Receipt;
import dev.vitrine.trace.edit.Work;
import dev.vitrine.trace.kept.Capture;
import dev.vitrine.trace.kept.Checkpoints;
import dev.vitrine.trace.run.Pass;
import dev.vitrine.trace.run.State;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a model computed for one sequence of tokens: every tensor of it, by name.
 *
 * <p>A trace is an immutable value. It keeps the residual stream, the keys and the values of each
 * layer; any other site is computed when it is asked for, by the lines of {@link ForwardPass} that
 * computed it in the run, and has the same bits. From a trace others derive, and share what they
 * can: {@link #with} edits, {@link #extended} by further tokens, {@link #rewound} to an earlier
 * position. Edits stay active in what is derived.
 */
public final class Trace {

  /** Rows whose logits are computed at a time where a loss needs all of them. */
  private static final int LOSS_ROWS = 64;

  private final Gpt2 model;
  private final State state;
  private final Tokens tokens;
  private final Cache cache = new Cache();

  Trace(Gpt2 model, State state) {
    this.model = model;
    this.state = state;
    this.tokens = state.tokens();
  }

  /** The model that ran. */
  public Gpt2 model() {
    return model;
  }

  /** The tokens that it read. */
  public Tokens tokens() {
    return tokens;
  }

  /** The number of positions. */
  public int size() {
    return tokens.size();
  }

  /** The sites that this trace has, in the order of computation. */
  public List<Site> sites() {
    return Site.all(model.config());
  }

  /** The edits that were active, in order. */
  public List<Edit> edits() {
    return state.program().edits();
  }

  /** What each of the edits did in this trace. */
  public List<Receipt> receipts() {
    return state.program().receipts(model.config());
  }

  /** What it cost to compute this trace, given the one that it derives from. */
  public Work work() {
    return state.work();
  }

  // ---- looking

  /**
   * The tensor at the site of that name, alias or shorthand.
   *
   * @throws IllegalArgumentException if the model has no such site; names the nearest
   */
  public Tensor tensor(String site) {
    return tensor(Site.find(site, model.config()));
  }

  /**
   * The tensor at {@code site}.
   *
   * @throws IllegalArgumentException if the model has no such site; says why
   */
  public Tensor tensor(Site site) {
    Tensor tensor = tensors(List.of(site)).get(site);
    if (tensor == null) {
      throw new IllegalStateException(site + " was not computed");
    }
    return tensor;
  }

  /** The tensors at several sites; a block that computes several of them is run once. */
  public Map<Site, Tensor> tensors(Collection<Site> sites) {
    Map<Site, Tensor> tensors = new LinkedHashMap<>();
    Map<Integer, List<Site>> missing = new TreeMap<>();
    for (Site site : sites) {
      Tensor known = cache.get(site.in(model.config()));
      if (known != null) {
        tensors.put(site, known);
      } else {
        missing.computeIfAbsent(site.layer(), layer -> new ArrayList<>()).add(site);
      }
    }
    missing.forEach((layer, group) -> tensors.putAll(compute(layer, group)));
    cache.put(tensors);
    Map<Site, Tensor> inOrder = new LinkedHashMap<>();
    sites.forEach(site -> inOrder.put(site, tensors.get(site)));
    return inOrder;
  }

  /** The logits at every position, {@code [position, vocab]}. */
  public Tensor logits() {
    return tensor(Site.logits());
  }

  /** The logits at one position, {@code [vocab]}; a negative position counts from the end. */
  public Tensor logits(int position) {
    int at = position < 0 ? size() + position : position;
    if (at < 0 || at >= size()) {
      throw new IndexOutOfBoundsException(
          "position %d is not in a trace of %d positions".formatted(position, size()));
    }
    Tensor known = cache.get(Site.logits());
    return known != null ? known.at(POSITION, at) : read().logits(computeLogits(at, at + 1));
  }

  /** What the model predicts behind the last token. */
  public Predictions predictions() {
    return predictions(-1);
  }

  /** What the model predicts behind the token at {@code position}. */
  public Predictions predictions(int position) {
    return new Predictions(logits(position));
  }

  /**
   * The loss: the mean of {@code loss_per_token}, in nats.
   *
   * @throws IllegalStateException if there is but one token, which has nothing to predict
   */
  public double loss() {
    if (size() < 2) {
      throw new IllegalStateException("a loss needs two tokens or more; the trace has one");
    }
    double sum = 0;
    for (double loss : tensor(Site.lossPerToken()).doubles()) {
      sum += loss;
    }
    return sum / (size() - 1);
  }

  /**
   * One hash over the bits of all sites: two traces with the same fingerprint are the same run.
   * Looks at every tensor, and so takes some time.
   */
  public String fingerprint() {
    return Fingerprint.of(this);
  }

  /**
   * A hash over the bits of each of some sites: the same in every run that computes the same there,
   * on any machine.
   */
  public Map<Site, String> fingerprints(Collection<Site> sites) {
    return Fingerprint.of(this, sites);
  }

  // ---- deriving

  /**
   * The trace of these tokens and {@code more} behind them; only the new positions are computed.
   *
   * @throws IllegalArgumentException if they do not fit into the context, or an id is out of range
   */
  public Trace extended(Tokens more) {
    return more.isEmpty() ? this : extendedTo(tokens.append(more));
  }

  /** The trace of these tokens and one more. */
  public Trace extended(int token) {
    return extendedTo(tokens.append(token));
  }

  private Trace extendedTo(Tokens longer) {
    Pass.Branch branch = new Pass.Branch(state, model.checked(longer));
    return new Trace(model, Pass.extend(model, List.of(branch)).getFirst());
  }

  /**
   * The trace as it would have been with these edits, behind those that it has. Layers and
   * positions that they cannot reach are shared with this trace; the rest is computed, and has the
   * bits of a run from the start with all of these edits.
   *
   * @throws IllegalArgumentException if a target does not exist, an index is out of range, values
   *     do not fit or belong to another view of the weights, or nothing would read what an edit
   *     writes; says which, and what is near
   */
  public Trace with(List<Edit> edits) {
    return edits.isEmpty() ? this : new Batch(List.of(this)).with(edits).get(0);
  }

  /** The trace as it would have been with these edits; see {@link #with(List)}. */
  public Trace with(Edit... edits) {
    return with(List.of(edits));
  }

  /**
   * The trace as it was when it had {@code positions} tokens. Nothing is computed or copied.
   *
   * @throws IllegalArgumentException if it never had as many, or there would be none left
   */
  public Trace rewound(int positions) {
    if (positions < 1 || positions > size()) {
      throw new IllegalArgumentException(
          "cannot rewind %d positions to %d: there must be 1 to %d left"
              .formatted(size(), positions, size()));
    }
    return new Trace(model, state.first(positions, model.config()));
  }

  // ---- computing

  State state() {
    return state;
  }

  /** Takes over what was captured for this trace while it ran. */
  void keep(Collection<Site> eager, List<Capture> captures, int stream, int row) {
    Map<Site, Tensor> tensors = new LinkedHashMap<>();
    int next = 0;
    for (Capture capture : captures) {
      int layer = next == 0 || next == captures.size() - 1 ? -1 : next - 1;
      for (Site site : eager) {
        if (site.layer() == layer && capture.holds(site.hook())) {
          tensors.put(site, read().tensor(site, capture, stream, row));
        }
      }
      next++;
    }
    cache.pin(tensors);
  }

  private Map<Site, Tensor> compute(int layer, List<Site> sites) {
    Capture capture =
        Capture.of(sites.stream().filter(site -> site.hook() != Hook.LOSS_PER_TOKEN).toList());
    if (layer >= 0) {
      runBlock(layer, capture);
    } else {
      runOutside(capture);
    }
    Map<Site, Tensor> tensors = new LinkedHashMap<>();
    for (Site site : sites) {
      tensors.put(
          site,
          site.hook() == Hook.LOSS_PER_TOKEN ? loss(site) : read().tensor(site, capture, 0, 0));
    }
    return tensors;
  }

  /** Runs one block again, as far as the capture needs it. */
  private void runBlock(int layer, Capture capture) {
    ForwardPass forward = model.forwardPass();
    Checkpoints.Layer kept = state.checkpoints().layers().get(layer);
    Array residPre = kept.residPre().array().rows(0, size());
    Program program = state.program();
    boolean edited = program.acts(Hook.ATTN_SCORES, layer) || program.acts(Hook.PATTERN, layer);
    boolean scores = edited || capture.wants(Hook.ATTN_SCORES);
    boolean pattern = edited || capture.wants(Hook.PATTERN);
    Memory memory = (at, k, v) -> List.of(kept.span(model, 0, 0, size(), scores, pattern));
    Watch watch = Editor.again(model, state.program(), tokens, layer, capture);
    Array residMid = forward.attention(layer, residPre, memory, watch);
    if (!model.config().attentionOnly() && capture.wantsAny(Hook.MLP_IN)) {
      forward.mlp(layer, residMid, watch);
    }
  }

  private void runOutside(Capture capture) {
    ForwardPass forward = model.forwardPass();
    Watch watch = Editor.again(model, state.program(), tokens, -1, capture);
    if (capture.wants(Hook.EMBED) || capture.wants(Hook.POS_EMBED)) {
      int[] positions = new int[size()];
      Arrays.setAll(positions, p -> p);
      forward.embed(tokens.ids(), positions, watch);
    }
    if (capture.wantsAny(Hook.LN_FINAL_SCALE)) {
      forward.unembed(state.checkpoints().residFinal().array().rows(0, size()), watch);
    }
  }

  private Array computeLogits(int from, int to) {
    Capture capture = Capture.of(List.of(Site.logits()));
    Array resid = state.checkpoints().residFinal().array().rows(from, to);
    model
        .forwardPass()
        .unembed(resid, Editor.again(model, state.program(), tokens, -1, from, to, capture));
    return capture.rows(Hook.LOGITS, 0, 0, to - from);
  }

  /** {@code -log softmax(logits[p])[token p + 1]}, some rows at a time: all logits may be much. */
  private Tensor loss(Site site) {
    Backend backend = model.backend();
    double[] losses = new double[Math.max(size() - 1, 0)];
    double[] one = new double[1];
    for (int from = 0; from < losses.length; from += LOSS_ROWS) {
      int to = Math.min(from + LOSS_ROWS, losses.length);
      Array logits = computeLogits(from, to);
      backend.logSoftmax(logits, logits);
      for (int p = from; p < to; p++) {
        backend.read(logits, p - from, tokens.id(p + 1), 1, one, 0);
        losses[p] = -one[0];
      }
    }
    return read().losses(site, losses);
  }

  private Reading read() {
    return new Reading(model, tokens);
  }

  @Override
  public String toString() {
    Config config = model.config();
    return "Trace of %d tokens through %d layers: %s"
        .formatted(size(), config.layers(), tokens.strings());
  }
}
