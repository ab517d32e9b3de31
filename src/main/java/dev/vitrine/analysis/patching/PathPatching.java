package dev.vitrine.analysis.patching;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.LAYER;

import dev.vitrine.analysis.patching.Sweep.Progress;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Origin;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Variants;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Path patching (Wang et al. 2022, Goldowsky-Dill et al. 2023): what a head, the sender, does to a
 * receiver by itself, with no other head between them taking part.
 *
 * <p>The sender's output is that of the other run; every other head's between it and the receiver
 * is held as it was; MLPs between them are computed anew, or held as well, which leaves the direct
 * path through the residual stream alone. What the receiver reads then is given to it in a run that
 * is otherwise untouched.
 */
public final class PathPatching {

  /** Which of its inputs a receiving head gets. */
  public enum Through {
    /** What it looks for. */
    Q(Hook.Q),
    /** What it is found by. */
    K(Hook.K),
    /** What it moves. */
    V(Hook.V);

    private final Hook hook;

    Through(Hook hook) {
      this.hook = hook;
    }

    Site site(int layer) {
      return Site.of(hook, layer);
    }
  }

  private final Batch base;
  private final Batch source;
  private final Metric metric;
  private final boolean throughMlps;
  private final Progress progress;

  private PathPatching(
      Batch base, Batch source, Metric metric, boolean throughMlps, Progress progress) {
    this.base = base;
    this.source = source;
    this.metric = metric;
    this.throughMlps = throughMlps;
    this.progress = progress;
  }

  /**
   * Path patching of one batch from another; MLPs on the way are computed anew.
   *
   * @throws IllegalArgumentException if they are not as many prompts, each pair of equal length, of
   *     one model
   */
  public static PathPatching of(Batch base, Batch source, Metric metric) {
    Pairs.check(base, source);
    return new PathPatching(base, source, metric, true, Progress.NONE);
  }

  /** The same by the direct path alone: MLPs on the way are held too. */
  public PathPatching direct() {
    return new PathPatching(base, source, metric, false, progress);
  }

  /** The same, and somebody is told how far it has come. */
  public PathPatching watchedBy(Progress watcher) {
    return new PathPatching(base, source, metric, throughMlps, watcher);
  }

  /** {@code [layer, head]}: from each head to the final residual stream. */
  public Tensor toFinalResid() {
    int layers = config().layers();
    return sweep(layers, layers, "the final residual stream")
        .run(metric, origin("the final residual stream"), progress);
  }

  /**
   * {@code [layer, head]}: from each head of an earlier layer to heads of one layer.
   *
   * @param heads the receivers, patched together
   * @throws IllegalArgumentException if no layer comes before it
   * @throws IndexOutOfBoundsException if the model has no such head
   */
  public Tensor toHeads(Through through, int layer, int... heads) {
    String receiver = "%s of L%dH%s".formatted(through, layer, Arrays.toString(heads));
    Site site = through.site(layer).in(config());
    int[] receivers = Objects.requireNonNull(site.at(HEAD, heads).indices(HEAD, config().heads()));
    return receive(site, site.at(HEAD, receivers), receiver);
  }

  /**
   * {@code [layer, head]}: from each head of its layer and earlier to an MLP.
   *
   * @throws IllegalArgumentException if the model has no such MLP
   */
  public Tensor toMlp(int layer) {
    Site site = Site.mlpIn(layer).in(config());
    return receive(site, Target.of(site), "the MLP of layer " + layer);
  }

  /** Reads what the receiver would get in each variant, then gives it that. */
  private Tensor receive(Site site, Target target, String receiver) {
    boolean isMlp = site.hook() == Hook.MLP_IN;
    int layers = isMlp ? site.layer() + 1 : site.layer();
    Sweep senders = sweep(layers, site.layer(), receiver);
    double[] values = new double[senders.size()];
    int together = Sweep.together(base);
    for (int from = 0; from < values.length; from += together) {
      int to = Math.min(values.length, from + together);
      List<List<Edit>> edits = new ArrayList<>();
      for (int place = from; place < to; place++) {
        edits.add(senders.family().edits(place / heads(), place % heads()));
      }
      List<List<Edit>> given = new ArrayList<>();
      for (Map<Site, Tensor> read : new Variants(base, edits).read(site.layer(), List.of(site))) {
        given.add(List.of(Edit.set(target, at(Objects.requireNonNull(read.get(site)), target))));
      }
      double[] chunk = metric.of(new Variants(base, given));
      System.arraycopy(chunk, 0, values, from, chunk.length);
      progress.done(to, values.length);
    }
    return Tensor.of(values, senders.axes().toArray(Dimension[]::new)).withOrigin(origin(receiver));
  }

  private static Tensor at(Tensor tensor, Target target) {
    List<Integer> heads = target.where().get(HEAD);
    return heads == null
        ? tensor
        : tensor.at(HEAD, heads.stream().mapToInt(head -> head).toArray());
  }

  /** A variant for each sender, with all that lies between it and a layer held. */
  private Sweep sweep(int layers, int until, String receiver) {
    if (layers == 0) {
      throw new IllegalArgumentException(
          "no head comes before " + receiver + ": choose a receiver in a later layer");
    }
    List<Dimension> axes = List.of(LAYER.of(layers), HEAD.of(heads()));
    return new Sweep(base, axes, index -> edits(index[0], index[1], until));
  }

  private List<Edit> edits(int layer, int head, int until) {
    List<Edit> edits = new ArrayList<>();
    edits.add(Edit.patch(Site.z(layer).at(HEAD, head), source));
    for (int between = layer; between < until; between++) {
      if (between > layer) {
        edits.add(Edit.patch(Target.of(Site.z(between)), base));
      }
      if (!throughMlps && !config().attentionOnly()) {
        edits.add(Edit.patch(Target.of(Site.mlpOut(between)), base));
      }
    }
    return edits;
  }

  private Origin origin(String receiver) {
    return new Swept(
        "path patching to " + receiver,
        metric,
        base,
        "heads between sender and receiver are held as they were",
        throughMlps
            ? "MLPs between them are computed anew"
            : "MLPs between them are held too: the direct path");
  }

  private int heads() {
    return config().heads();
  }

  private Config config() {
    return base.get(0).model().config();
  }
}
