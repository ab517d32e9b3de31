package dev.vitrine.analysis.patching;

import static dev.vitrine.tensor.Axis.COMPONENT;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.POSITION;

import dev.vitrine.analysis.patching.Sweep.Progress;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Activation patching (Meng et al. 2022; Heimersheim and Nanda 2024): one activation of a run is
 * replaced by that of another run, and a metric says what came of it.
 *
 * <p>Denoising patches a clean run's activations into a corrupted run, and finds what is enough to
 * bring the answer back; noising patches a corrupted run's into a clean one, and finds what the
 * answer needs. {@code base} is the run that is patched, {@code source} the one patched from.
 * TransformerLens's {@code transformer_lens.patching} is this, by the same names, for denoising.
 */
public final class Patching {
  private final Batch base;
  private final Batch source;
  private final Metric metric;
  private final Progress progress;

  private Patching(Batch base, Batch source, Metric metric, Progress progress) {
    this.base = base;
    this.source = source;
    this.metric = metric;
    this.progress = progress;
  }

  /**
   * Patching of one batch from another, whatever the two are.
   *
   * @throws IllegalArgumentException if they are not as many prompts, each pair of equal length, of
   *     one model
   */
  public static Patching of(Batch base, Batch source, Metric metric) {
    Pairs.check(base, source);
    return new Patching(base, source, metric, Progress.NONE);
  }

  /** Clean activations into the corrupted run. */
  public static Patching denoising(Batch clean, Batch corrupted, Metric metric) {
    return of(corrupted, clean, metric);
  }

  /** Corrupted activations into the clean run. */
  public static Patching noising(Batch clean, Batch corrupted, Metric metric) {
    return of(clean, corrupted, metric);
  }

  /** The same, and somebody is told how far it has come. */
  public Patching watchedBy(Progress watcher) {
    return new Patching(base, source, metric, watcher);
  }

  // ---- TransformerLens's names

  /** {@code [layer, position]}: the residual stream before each block. */
  public Tensor residPre() {
    return sweep(Activation.RESID_PRE);
  }

  /** {@code [layer, position]}: the residual stream between attention and MLP. */
  public Tensor residMid() {
    return sweep(Activation.RESID_MID);
  }

  /** {@code [layer, position]}: what attention writes. */
  public Tensor attnOut() {
    return sweep(Activation.ATTN_OUT);
  }

  /** {@code [layer, position]}: what the MLP writes. */
  public Tensor mlpOut() {
    return sweep(Activation.MLP_OUT);
  }

  /** {@code [layer, position, head]}: a head's output z. */
  public Tensor attnHeadOutByPos() {
    return sweep(Activation.ATTN_HEAD_OUT_BY_POS);
  }

  /** {@code [layer, position, head]}: a head's query. */
  public Tensor attnHeadQByPos() {
    return sweep(Activation.ATTN_HEAD_Q_BY_POS);
  }

  /** {@code [layer, position, head]}: a head's key. */
  public Tensor attnHeadKByPos() {
    return sweep(Activation.ATTN_HEAD_K_BY_POS);
  }

  /** {@code [layer, position, head]}: a head's value. */
  public Tensor attnHeadVByPos() {
    return sweep(Activation.ATTN_HEAD_V_BY_POS);
  }

  /** {@code [layer, head, query]}: where a position of a head looks. */
  public Tensor attnHeadPatternByPos() {
    return sweep(Activation.ATTN_HEAD_PATTERN_BY_POS);
  }

  /** {@code [layer, head, query, key]}: how one position of a head looks at another. */
  public Tensor attnHeadPatternDestSrcPos() {
    return sweep(Activation.ATTN_HEAD_PATTERN_DEST_SRC_POS);
  }

  /** {@code [layer, head]}: a head's output z, at all positions. */
  public Tensor attnHeadOutAllPos() {
    return sweep(Activation.ATTN_HEAD_OUT_ALL_POS);
  }

  /** {@code [layer, head]}: a head's queries, at all positions. */
  public Tensor attnHeadQAllPos() {
    return sweep(Activation.ATTN_HEAD_Q_ALL_POS);
  }

  /** {@code [layer, head]}: a head's keys, at all positions. */
  public Tensor attnHeadKAllPos() {
    return sweep(Activation.ATTN_HEAD_K_ALL_POS);
  }

  /** {@code [layer, head]}: a head's values, at all positions. */
  public Tensor attnHeadVAllPos() {
    return sweep(Activation.ATTN_HEAD_V_ALL_POS);
  }

  /** {@code [layer, head]}: a head's whole pattern. */
  public Tensor attnHeadPatternAllPos() {
    return sweep(Activation.ATTN_HEAD_PATTERN_ALL_POS);
  }

  /**
   * {@code [component, layer, position]}: the residual stream before each block, what its attention
   * and what its MLP writes; a model without MLPs has the first two.
   */
  public Tensor blockEvery() {
    return every(
        List.of(Activation.RESID_PRE, Activation.ATTN_OUT, Activation.MLP_OUT), LAYER, POSITION);
  }

  /** {@code [component, layer, head]}: output, query, key, value and pattern, at all positions. */
  public Tensor attnHeadAllPosEvery() {
    return every(
        List.of(
            Activation.ATTN_HEAD_OUT_ALL_POS,
            Activation.ATTN_HEAD_Q_ALL_POS,
            Activation.ATTN_HEAD_K_ALL_POS,
            Activation.ATTN_HEAD_V_ALL_POS,
            Activation.ATTN_HEAD_PATTERN_ALL_POS),
        LAYER,
        HEAD);
  }

  /**
   * {@code [component, layer, position, head]}: output, query, key, value, and pattern, whose
   * position is the one that looks.
   */
  public Tensor attnHeadByPosEvery() {
    return every(
        List.of(
            Activation.ATTN_HEAD_OUT_BY_POS,
            Activation.ATTN_HEAD_Q_BY_POS,
            Activation.ATTN_HEAD_K_BY_POS,
            Activation.ATTN_HEAD_V_BY_POS,
            Activation.ATTN_HEAD_PATTERN_BY_POS),
        LAYER,
        POSITION,
        HEAD);
  }

  private Tensor every(List<Activation> activations, Axis... order) {
    List<Activation> present =
        activations.stream()
            .filter(each -> each.hook().absence(base.get(0).model().config()).isEmpty())
            .toList();
    List<Tensor> parts = new ArrayList<>();
    for (Activation each : present) {
      Tensor part = sweep(each);
      parts.add((part.has(Axis.QUERY) ? part.rename(Axis.QUERY, POSITION) : part).permute(order));
    }
    List<String> kinds = present.stream().map(Patching::kind).toList();
    return Tensor.stack(parts, COMPONENT.of(kinds))
        .withOrigin(new Swept("patching every kind", metric, base, convention()));
  }

  /** The kind of an activation among its siblings: {@code resid_pre}, {@code q}, {@code out}. */
  private static String kind(Activation activation) {
    return activation
        .toString()
        .replace("attn_head_", "")
        .replace("_by_pos", "")
        .replace("_all_pos", "");
  }

  // ---- the sweep behind them

  /**
   * The metric with each of an activation's elements patched by itself, along its {@link
   * Activation#axes axes}.
   *
   * @throws IllegalArgumentException if the model has no such site, or the prompts of a batch
   *     differ in length where the sweep goes by position; says why
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  public Tensor sweep(Activation activation) {
    Site.of(activation.hook(), 0).in(base.get(0).model().config());
    List<Axis> axes = activation.axes();
    if (axes.stream().anyMatch(Patching::isPosition) && !base.isEven()) {
      throw new IllegalArgumentException(
          "the prompts have unequal lengths (%s tokens): %s goes by position, which they must share"
              .formatted(Pairs.lengths(base), activation));
    }
    List<Dimension> dimensions = axes.stream().map(axis -> Pairs.dimension(axis, base)).toList();
    Sweep sweep =
        new Sweep(
            base,
            dimensions,
            index -> {
              Target target = Target.of(Site.of(activation.hook(), index[0]));
              for (int i = 1; i < index.length; i++) {
                target = target.at(axes.get(i), index[i]);
              }
              return edits(target, activation.hook().axes().contains(Axis.QUERY));
            });
    return sweep.run(
        metric, new Swept("patching " + activation, metric, base, convention()), progress);
  }

  private static boolean isPosition(Axis axis) {
    return axis == POSITION || axis == Axis.QUERY || axis == Axis.KEY;
  }

  /**
   * The patch of one target; only the prompts and positions where the two runs differ there, so
   * that what they share is not computed again, and nothing at all if they are equal to the bit.
   */
  private List<Edit> edits(Target target, boolean isAttention) {
    Axis rows = isAttention ? Axis.QUERY : POSITION;
    Site site = target.sites(base.get(0).model().config()).getFirst();
    List<Integer> prompts = new ArrayList<>();
    Set<Integer> positions = new TreeSet<>();
    for (int b = 0; b < base.size(); b++) {
      int[] differing =
          differing(base.get(b).tensor(site), source.get(b).tensor(site), target, rows);
      if (differing.length > 0) {
        prompts.add(b);
        IntStream.of(differing).forEach(positions::add);
      }
    }
    if (prompts.isEmpty()) {
      return List.of();
    }
    Target narrowed = target.at(Axis.BATCH, prompts.stream().mapToInt(b -> b).toArray());
    if (!target.where().containsKey(rows) && base.isEven()) {
      narrowed = narrowed.at(rows, positions.stream().mapToInt(p -> p).toArray());
    }
    return List.of(Edit.patch(narrowed, source));
  }

  /** The positions at which a target's elements differ in two runs. */
  private static int[] differing(Tensor ours, Tensor theirs, Target target, Axis rows) {
    Tensor a = cut(ours, target, rows);
    Tensor b = cut(theirs, target, rows);
    int[] positions = target.indices(rows, ours.size(rows));
    int[] all = positions != null ? positions : IntStream.range(0, ours.size(rows)).toArray();
    return IntStream.of(all).filter(p -> !a.at(rows, p).sameBits(b.at(rows, p))).toArray();
  }

  /** A tensor at the target's indices on all axes but one. */
  private static Tensor cut(Tensor tensor, Target target, Axis but) {
    Tensor cut = tensor;
    for (Axis axis : target.where().keySet()) {
      if (axis != but && axis != Axis.BATCH) {
        cut = cut.at(axis, target.where().get(axis).getFirst());
      }
    }
    return cut;
  }

  private static String convention() {
    return "one run's activation is replaced by the other's, and all behind it is computed anew";
  }
}
