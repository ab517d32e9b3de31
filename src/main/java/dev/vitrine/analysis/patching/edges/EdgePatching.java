package dev.vitrine.analysis.patching.edges;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;

import dev.vitrine.analysis.patching.Metric;
import dev.vitrine.analysis.patching.Sweep;
import dev.vitrine.analysis.patching.Sweep.Progress;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.Variants;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;

/**
 * Edge patching, exactly: for each edge the receiver alone reads the sender as it is in another
 * run, everybody else reads it as it was, and all that follows is computed anew.
 *
 * <p>Others approximate this by a gradient (Syed et al. 2023) or search greedily (Conmy et al.
 * 2023) because a run for each edge is dear. Here a sender's change goes once through the layer
 * norm and the weights of a layer, which gives what every head of it would read; each edge is then
 * an edit of one head's q, k or v, and runs from its layer on in a batch with others. The result
 * has the bits of a full run with {@link #edits}.
 */
public final class EdgePatching {
  private final Batch base;
  private final Metric metric;
  private final Config config;
  private final int[] positions;
  private final Map<Sender, Tensor> changes = new HashMap<>();
  private final List<Sender> senders;

  /**
   * Between two runs.
   *
   * @param base the run whose edges are patched
   * @param source the run that senders are taken from
   * @throws IllegalArgumentException if the prompts are not as many and of equal length, or do not
   *     differ
   */
  public EdgePatching(Batch base, Batch source, Metric metric) {
    this.base = base;
    this.metric = metric;
    this.config = base.get(0).model().config();
    int first = firstDifference(base, source);
    int size = base.get(0).size();
    if (!base.isEven() || first == size) {
      throw new IllegalArgumentException(
          base.isEven()
              ? "the prompts are the same: there is nothing to patch"
              : "the prompts of a batch must have as many tokens each, to be patched edge by edge");
    }
    this.positions = IntStream.range(first, size).toArray();
    this.senders = Sender.all(config);
    for (Sender sender : senders) {
      Tensor change = sender.written(source).minus(sender.written(base));
      changes.put(sender, change.range(POSITION, first, size));
    }
  }

  private static int firstDifference(Batch base, Batch source) {
    int first = base.get(0).size();
    for (int b = 0; b < base.size(); b++) {
      Trace ours = base.get(b);
      Trace theirs = source.get(b);
      for (int p = 0; p < ours.size(); p++) {
        first = ours.tokens().id(p) != theirs.tokens().id(p) ? Math.min(first, p) : first;
      }
    }
    return first;
  }

  /** All edges, in the order of computation of their receivers. */
  public List<Edge> edges() {
    List<Edge> edges = new ArrayList<>();
    for (Receiver receiver : Receiver.all(config)) {
      for (Sender sender : senders) {
        if (sender.reaches(receiver)) {
          edges.add(new Edge(sender, receiver));
        }
      }
    }
    return edges;
  }

  /**
   * What patching an edge is, as an edit of the receiver's own input: the difference between the
   * sender's two outputs is added to it.
   */
  public Edit edits(Edge edge) {
    Receiver to = edge.to();
    Target target =
        switch (to.kind()) {
          case Q -> Site.qInput(to.layer()).at(HEAD, to.head());
          case K -> Site.kInput(to.layer()).at(HEAD, to.head());
          case V -> Site.vInput(to.layer()).at(HEAD, to.head());
          case MLP -> Target.of(Site.mlpIn(to.layer()));
          case LOGITS -> Target.of(Site.residPost(config.layers() - 1));
        };
    return Edit.add(target.at(POSITION, positions), change(edge.from()));
  }

  private Tensor change(Sender sender) {
    Tensor change = changes.get(sender);
    if (change == null) {
      throw new IllegalArgumentException("the model has no " + sender);
    }
    return change;
  }

  /** The metric for every edge of the model; see {@link #run(List, Progress)}. */
  public EdgeEffects run() {
    return run(edges(), Progress.NONE);
  }

  /**
   * The metric for each of some edges.
   *
   * @throws CancellationException if the thread is interrupted
   */
  public EdgeEffects run(List<Edge> edges, Progress progress) {
    Runner runner = new Runner(edges, progress);
    for (int layer = 0; layer < config.layers(); layer++) {
      runner.attention(layer);
    }
    for (int place = 0; place < edges.size(); place++) {
      if (!edges.get(place).to().isHead()) {
        runner.add(place, edits(edges.get(place)));
      }
    }
    runner.flush();
    return new EdgeEffects(edges, runner.values, metric.of(base), metric.name());
  }

  /** Collects variants, and measures them as soon as there are enough to run together. */
  private final class Runner {
    private final List<Edge> edges;
    private final Progress progress;
    private final double[] values;
    private final Map<Sender, List<List<Integer>>> byLayer = new HashMap<>();
    private final int together = Sweep.together(base);
    private final List<Integer> places = new ArrayList<>();
    private final List<List<Edit>> waiting = new ArrayList<>();
    private long done;

    Runner(List<Edge> edges, Progress progress) {
      this.edges = edges;
      this.progress = progress;
      this.values = new double[edges.size()];
      for (int place = 0; place < edges.size(); place++) {
        Edge edge = edges.get(place);
        if (edge.to().isHead()) {
          byLayer
              .computeIfAbsent(edge.from(), _ -> lists(config.layers()))
              .get(edge.to().layer())
              .add(place);
        }
      }
    }

    private static List<List<Integer>> lists(int count) {
      return IntStream.range(0, count).<List<Integer>>mapToObj(_ -> new ArrayList<>()).toList();
    }

    /** The edges to the heads of a layer, some senders at a time. */
    void attention(int layer) {
      List<Sender> asked =
          senders.stream()
              .filter(sender -> byLayer.containsKey(sender) && !places(sender, layer).isEmpty())
              .toList();
      List<Site> sites = List.of(Site.q(layer), Site.k(layer), Site.v(layer));
      Target stream = Site.residPre(layer).at(POSITION, positions);
      for (int from = 0; from < asked.size(); from += together) {
        List<Sender> group = asked.subList(from, Math.min(asked.size(), from + together));
        List<List<Edit>> edits =
            group.stream().map(sender -> List.of(Edit.add(stream, change(sender)))).toList();
        List<Map<Site, Tensor>> read = new Variants(base, edits).read(layer, sites);
        for (int s = 0; s < group.size(); s++) {
          for (int place : places(group.get(s), layer)) {
            add(place, given(edges.get(place).to(), sites, read.get(s)));
          }
        }
      }
    }

    private List<Integer> places(Sender sender, int layer) {
      List<List<Integer>> layers = byLayer.get(sender);
      return layers == null ? List.of() : layers.get(layer);
    }

    /** The head's q, k or v as it would be if it read the changed stream. */
    private Edit given(Receiver receiver, List<Site> sites, Map<Site, Tensor> read) {
      Site site =
          sites.get(
              switch (receiver.kind()) {
                case Q -> 0;
                case K -> 1;
                default -> 2;
              });
      Tensor own = Objects.requireNonNull(read.get(site)).at(HEAD, receiver.head());
      return Edit.set(
          site.at(HEAD, receiver.head()).at(POSITION, positions),
          own.range(POSITION, positions[0], positions[0] + positions.length));
    }

    void add(int place, Edit edit) {
      places.add(place);
      waiting.add(List.of(edit));
      if (waiting.size() == together) {
        flush();
      }
    }

    void flush() {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException(
            "the sweep was interrupted after %d of %d edges".formatted(done, edges.size()));
      }
      double[] measured = metric.of(new Variants(base, waiting));
      for (int i = 0; i < measured.length; i++) {
        values[places.get(i)] = measured[i];
      }
      done += measured.length;
      places.clear();
      waiting.clear();
      progress.done(done, edges.size());
    }
  }
}
