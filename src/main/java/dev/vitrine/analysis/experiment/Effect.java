package dev.vitrine.analysis.experiment;

import dev.vitrine.analysis.Information;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Trace;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What edits did to the prediction behind the last token.
 *
 * @param before the run that they were made to
 * @param after the run with them
 * @param kl {@code KL(before ‖ after) = Σ p log(p / q)} over the vocabulary, p before and q after,
 *     in nats
 * @param tokens every token of the vocabulary, those whose logits moved most first
 */
public record Effect(Trace before, Trace after, double kl, List<Moved> tokens) {

  /**
   * A token's logit and probability, before and after.
   *
   * @param id the token
   * @param piece its string
   */
  public record Moved(
      int id,
      String piece,
      double logitBefore,
      double logitAfter,
      double probabilityBefore,
      double probabilityAfter) {

    /** How much the logit grew; NaN where it is no number, or infinite before and after. */
    public double change() {
      return logitAfter - logitBefore;
    }

    /** How far it moved; what is no number moved farthest. */
    private double distance() {
      return Double.isNaN(change()) ? Double.POSITIVE_INFINITY : Math.abs(change());
    }
  }

  /** Keeps the list. */
  public Effect {
    tokens = List.copyOf(tokens);
  }

  /** Of two runs over the same tokens. */
  public static Effect of(Trace before, Trace after) {
    double[] from = before.logits(-1).doubles();
    double[] to = after.logits(-1).doubles();
    Tensor logP = logSoftmax(from);
    Tensor logQ = logSoftmax(to);
    List<Moved> tokens =
        IntStream.range(0, from.length)
            .mapToObj(i ->
                new Moved(
                    i,
                    before.model().piece(i),
                    from[i],
                    to[i],
                    Math.exp(logP.get(i)),
                    Math.exp(logQ.get(i))))
            .sorted(Comparator.comparingDouble(Moved::distance).reversed())
            .toList();
    double kl = Information.kl(logP, logQ, Axis.VOCAB).value();
    return new Effect(before, after, kl, tokens);
  }

  /** In double precision, whatever the backend's. */
  private static Tensor logSoftmax(double... logits) {
    return Tensor.of(logits, Axis.VOCAB.of(logits.length)).logSoftmax(Axis.VOCAB);
  }

  /** The likeliest tokens before. */
  public List<Moved> predictedBefore(int count) {
    return most(count, Comparator.comparingDouble(Moved::probabilityBefore));
  }

  /** The likeliest tokens after. */
  public List<Moved> predictedAfter(int count) {
    return most(count, Comparator.comparingDouble(Moved::probabilityAfter));
  }

  private List<Moved> most(int count, Comparator<Moved> order) {
    return tokens.stream()
        .sorted(order.reversed().thenComparingInt(Moved::id))
        .limit(count)
        .toList();
  }

  /** The mean loss before, in nats; none of a single token, which predicts nothing. */
  public OptionalDouble lossBefore() {
    return loss(before);
  }

  /** The mean loss after, in nats. */
  public OptionalDouble lossAfter() {
    return loss(after);
  }

  private static OptionalDouble loss(Trace trace) {
    return trace.size() < 2 ? OptionalDouble.empty() : OptionalDouble.of(trace.loss());
  }
}
