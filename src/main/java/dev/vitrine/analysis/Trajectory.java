package dev.vitrine.analysis;

import static dev.vitrine.tensor.Axis.COMPONENT;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.POSITION;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How a prediction forms along the depth (Belrose et al. 2023, read with the logit lens): the
 * distribution over the next token at each layer, in a few numbers. Each tensor is {@code [layer,
 * position]}, the layers labelled as {@link Residual#accumulatedResid} labels them; logarithms are
 * natural. The last layer is the model itself.
 *
 * @param entropy {@code -Σ p log p}
 * @param kl {@code Σ q log(q / p)} with q the model's own distribution: 0 at the last layer
 * @param maxProbability the probability of the likeliest token
 * @param rank the target's place by its logit, 1 the first; of equal ones the lower id first; NaN
 *     where there is no target
 * @param crossEntropy {@code -log p[target]}; NaN where there is no target
 */
public record Trajectory(
    Tensor entropy, Tensor kl, Tensor maxProbability, Tensor rank, Tensor crossEntropy) {

  /** Where a position has no target. */
  public static final int NONE = -1;

  /** The trajectory towards each position's next token; the last position has none. */
  public static Trajectory of(Trace trace) {
    int[] targets = new int[trace.size()];
    Arrays.setAll(targets, p -> p + 1 < trace.size() ? trace.tokens().id(p + 1) : NONE);
    return of(trace, targets);
  }

  /**
   * The trajectory towards targets of one's own.
   *
   * @param targets a token for each position, or {@link #NONE}
   * @throws IllegalArgumentException if there is not one for each, or the model has not all of them
   */
  public static Trajectory of(Trace trace, int... targets) {
    if (targets.length != trace.size()) {
      throw new IllegalArgumentException(
          "%d targets for a trace of %d positions: give one for each, NONE where there is none"
              .formatted(targets.length, trace.size()));
    }
    int vocab = trace.model().config().vocab();
    for (int target : targets) {
      if (target < NONE || target >= vocab) {
        throw new IllegalArgumentException(
            "token id %d is not in 0 … %d".formatted(target, vocab - 1));
      }
    }
    Measures measures = new Measures(trace, targets);
    for (int position = 0; position < trace.size(); position++) {
      measures.take(position);
    }
    return measures.trajectory();
  }

  /** Five numbers for each layer and position, one position's logits at a time in memory. */
  private static final class Measures {
    private final Trace trace;
    private final Gpt2 model;
    private final int[] targets;
    private final List<String> layers;
    private final List<double[]> tables = new ArrayList<>();

    Measures(Trace trace, int... targets) {
      this.trace = trace;
      this.model = trace.model();
      this.targets = targets;
      this.layers = Residual.of(trace).at(0).accumulatedResid(false).labels(COMPONENT);
      for (int measure = 0; measure < 5; measure++) {
        tables.add(new double[layers.size() * trace.size()]);
      }
    }

    void take(int position) {
      Tensor lens = Residual.of(trace).at(position).logitLens(false);
      double[] logits = lens.doubles();
      int vocab = model.config().vocab();
      int last = layers.size() - 1;
      double[] model = logProbabilities(logits, last * vocab, vocab);
      for (int layer = 0; layer <= last; layer++) {
        double[] log = layer == last ? model : logProbabilities(logits, layer * vocab, vocab);
        double[] found = measures(log, model, targets[position]);
        for (int measure = 0; measure < found.length; measure++) {
          tables.get(measure)[layer * trace.size() + position] = found[measure];
        }
      }
    }

    private static double[] measures(double[] log, double[] model, int target) {
      double entropy = 0;
      double kl = 0;
      double most = Double.NEGATIVE_INFINITY;
      int before = 0;
      for (int token = 0; token < log.length; token++) {
        double p = Math.exp(log[token]);
        double q = Math.exp(model[token]);
        entropy -= p == 0 ? 0 : p * log[token];
        kl += q == 0 ? 0 : q * (model[token] - log[token]);
        most = Math.max(most, p);
        if (target != NONE) {
          boolean equal = log[token] == log[target] && token < target;
          before += log[token] > log[target] || equal ? 1 : 0;
        }
      }
      boolean none = target == NONE;
      return new double[] {
        entropy, kl, most, none ? Double.NaN : before + 1, none ? Double.NaN : -log[target]
      };
    }

    private static double[] logProbabilities(double[] logits, int from, int count) {
      double[] log = Arrays.copyOfRange(logits, from, from + count);
      double max = Arrays.stream(log).max().orElse(0);
      double sum = 0;
      for (double logit : log) {
        sum += Math.exp(logit - max);
      }
      double normaliser = max + Math.log(sum);
      for (int token = 0; token < count; token++) {
        log[token] -= normaliser;
      }
      return log;
    }

    Trajectory trajectory() {
      return new Trajectory(
          tensor(0, "entropy", "-Σ p log p"),
          tensor(1, "KL to the model", "Σ q log(q / p), q the model's own"),
          tensor(2, "max probability", "max p"),
          tensor(3, "rank", "the target's place by its logit"),
          tensor(4, "cross entropy", "-log p[target]"));
    }

    private Tensor tensor(int measure, String name, String formula) {
      Dimension positions = POSITION.of(trace.tokens().strings());
      return Tensor.of(tables.get(measure), LAYER.of(layers), positions)
          .withOrigin(
              new Analysed(
                  name,
                  formula,
                  "logit lens; final layer norm: " + NormConvention.ANEW.statement()));
    }
  }
}
