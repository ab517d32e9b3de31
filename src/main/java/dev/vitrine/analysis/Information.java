package dev.vitrine.analysis;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/**
 * How spread a distribution is, and how far two are apart: in nats, along an axis of
 * log-probabilities, in double precision. What has probability 0 adds nothing.
 */
public final class Information {
  private Information() {}

  /**
   * {@code -Σ p log p} of probabilities, such as the rows of an attention pattern over its keys.
   */
  public static Tensor entropyOf(Tensor probabilities, Axis axis) {
    return sum(probabilities, probabilities, axis, (p, same) -> p == 0 ? 0 : -p * Math.log(p));
  }

  /** {@code -Σ p log p} of log-probabilities. */
  public static Tensor entropy(Tensor logP, Axis axis) {
    return sum(logP, logP, axis, (p, same) -> isZero(p) ? 0 : -Math.exp(p) * p);
  }

  /**
   * The Kullback-Leibler divergence {@code KL(p ‖ q) = Σ p (log p - log q)}, of log-probabilities.
   *
   * @throws IllegalArgumentException if the two are of different shapes or views
   */
  public static Tensor kl(Tensor logP, Tensor logQ, Axis axis) {
    return sum(logP, logQ, axis, (p, q) -> isZero(p) ? 0 : Math.exp(p) * (p - q));
  }

  /**
   * The Jensen-Shannon divergence {@code ½ KL(p ‖ m) + ½ KL(q ‖ m)} with m the mean of p and q, of
   * log-probabilities; from 0 to log 2.
   *
   * @throws IllegalArgumentException if the two are of different shapes or views
   */
  public static Tensor js(Tensor logP, Tensor logQ, Axis axis) {
    return sum(
        logP,
        logQ,
        axis,
        (p, q) -> {
          double middle = Math.log((Math.exp(p) + Math.exp(q)) / 2);
          double left = isZero(p) ? 0 : Math.exp(p) * (p - middle);
          double right = isZero(q) ? 0 : Math.exp(q) * (q - middle);
          return (left + right) / 2;
        });
  }

  /**
   * The total variation {@code ½ Σ |p - q|}, of log-probabilities; from 0 to 1.
   *
   * @throws IllegalArgumentException if the two are of different shapes or views
   */
  public static Tensor totalVariation(Tensor logP, Tensor logQ, Axis axis) {
    return sum(logP, logQ, axis, (p, q) -> Math.abs(Math.exp(p) - Math.exp(q)) / 2);
  }

  /** Whether the probability behind a logarithm is 0, even where a step below it rounds to it. */
  private static boolean isZero(double log) {
    return Math.exp(log) == 0;
  }

  private static Tensor sum(Tensor p, Tensor q, Axis axis, DoubleBinaryOperator term) {
    Tensor both = p.minus(q); // refuses what does not align
    if (both.elements() != p.elements() || both.elements() != q.elements()) {
      throw new IllegalArgumentException(
          "%s and %s are not of one shape".formatted(p.shapeText(), q.shapeText()));
    }
    List<Dimension> kept = new ArrayList<>(p.dimensions());
    kept.removeIf(dimension -> dimension.axis() == axis);
    List<Axis> order = new ArrayList<>(kept.stream().map(Dimension::axis).toList());
    order.add(axis);
    double[] left = p.permute(order.toArray(Axis[]::new)).doubles();
    double[] right = q.permute(order.toArray(Axis[]::new)).doubles();
    int size = p.size(axis);
    double[] sums = new double[size == 0 ? 0 : left.length / size];
    for (int i = 0; i < left.length; i++) {
      sums[i / size] += term.applyAsDouble(left[i], right[i]);
    }
    Tensor result = Tensor.of(sums, kept.toArray(Dimension[]::new));
    return both.view().map(result::withView).orElse(result);
  }
}
