package dev.vitrine.analysis.patching.edges;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.HEAD2;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.LAYER2;

import dev.vitrine.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What patching each edge does to a metric.
 *
 * @param edges the edges that were patched
 * @param values the metric with each of them patched
 * @param unpatched the metric with none
 * @param metric what was measured
 */
@SuppressWarnings("ArrayRecordComponent") // not compared; copied in and out
public record EdgeEffects(List<Edge> edges, double[] values, double unpatched, String metric) {

  /** An edge, and what patching it does. */
  public record Effect(Edge edge, double value, double change) {}

  /** Keeps the values as they are. */
  public EdgeEffects {
    edges = List.copyOf(edges);
    values = values.clone();
  }

  /** The metric with each edge patched. */
  @Override
  public double[] values() {
    return values.clone();
  }

  /** What patching one edge does, in the order of the edges. */
  public Effect effect(int place) {
    return new Effect(edges.get(place), values[place], values[place] - unpatched);
  }

  /** The edges that change the metric most, the strongest first. */
  public List<Effect> strongest(int count) {
    return IntStream.range(0, values.length)
        .mapToObj(this::effect)
        .sorted(Comparator.comparingDouble(effect -> -Math.abs(effect.change())))
        .limit(count)
        .toList();
  }

  /**
   * The changes by edges from head to head through q, k or v, {@code [layer, head, layer2, head2]}:
   * the sender's layer and head, then the receiver's; NaN where there is no edge.
   *
   * @param through {@link Receiver.Kind#Q}, {@code K} or {@code V}
   */
  public Tensor headToHead(Receiver.Kind through) {
    int layers = 1;
    int heads = 1;
    for (Edge edge : edges) {
      Receiver to = edge.to();
      layers = Math.max(layers, 1 + Math.max(edge.from().layer(), to.isHead() ? to.layer() : 0));
      heads = Math.max(heads, 1 + Math.max(edge.from().head(), to.head()));
    }
    double[] changes = new double[layers * heads * layers * heads];
    Arrays.fill(changes, Double.NaN);
    for (int place = 0; place < values.length; place++) {
      Sender from = edges.get(place).from();
      Receiver to = edges.get(place).to();
      if (from.kind() == Sender.Kind.HEAD && to.kind() == through) {
        int sender = from.layer() * heads + from.head();
        int receiver = to.layer() * heads + to.head();
        changes[sender * layers * heads + receiver] = values[place] - unpatched;
      }
    }
    return Tensor.of(changes, LAYER.of(layers), HEAD.of(heads), LAYER2.of(layers), HEAD2.of(heads));
  }

  /** All of them as comma-separated values: from, to, value, change. */
  public String csv() {
    StringBuilder csv = new StringBuilder("from,to,value,change\n");
    for (int place = 0; place < values.length; place++) {
      Edge edge = edges.get(place);
      double change = values[place] - unpatched;
      csv.append(edge.from() + "," + edge.to() + "," + values[place] + "," + change + "\n");
    }
    return csv.toString();
  }

  /** The strongest edges as a picture that stands alone. */
  public String svg(int count) {
    return Circuit.of(strongest(count), metric).svg();
  }
}
