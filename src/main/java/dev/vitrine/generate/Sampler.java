package dev.vitrine.generate;

/**
 * Chooses the next token. The same settings, seed and logits give the same ids on any machine: each
 * draw takes one number of the seeded generator and goes through the probabilities in the order of
 * the ids until their sum exceeds it. Greedy takes the largest logit, the lowest id among equals,
 * and no number.
 *
 * <p>A sampler holds the state of its generator: one for each text, used by one thread at a time.
 */
public final class Sampler {

  private final boolean greedy;
  private final Warper warper;
  private final SplitMix random;

  /** A sampler at the start of its seed's sequence. */
  public Sampler(Sampling sampling) {
    greedy = sampling.greedy();
    warper = Warper.all(sampling.warpers());
    random = new SplitMix(sampling.seed());
  }

  /**
   * The next token.
   *
   * @param logits one for each token of the vocabulary; left as they are
   * @param ids all ids so far, the prompt's too
   * @throws IllegalArgumentException when a logit is NaN or +∞, or no token is left to choose
   */
  public int next(double[] logits, int... ids) {
    double[] warped = warped(logits, ids);
    return greedy ? Distribution.argmax(warped) : draw(Distribution.weights(warped));
  }

  /** The probabilities that {@link #next} draws from; nothing is drawn. Greedy is certain. */
  public double[] probabilities(double[] logits, int... ids) {
    double[] warped = warped(logits, ids);
    if (!greedy) {
      return Distribution.softmax(warped);
    }
    double[] certain = new double[warped.length];
    certain[Distribution.argmax(warped)] = 1;
    return certain;
  }

  private double[] warped(double[] logits, int[] ids) {
    if (logits.length == 0) {
      throw new IllegalArgumentException("there are no logits to choose from");
    }
    for (int id = 0; id < logits.length; id++) {
      if (Double.isNaN(logits[id]) || logits[id] == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "the logit of token %d is %s, so there is no next token: look where it first arises"
                .formatted(id, Double.isNaN(logits[id]) ? "NaN" : "+∞"));
      }
    }
    double[] warped = logits.clone();
    if (allBarred(warped)) {
      throw new IllegalArgumentException(
          "all %d logits are -∞, so there is no next token".formatted(logits.length));
    }
    warper.warp(warped, ids);
    if (allBarred(warped)) {
      throw new IllegalArgumentException(
          "no token is left to choose after the penalties: relax the no-repeat n-gram");
    }
    return warped;
  }

  private static boolean allBarred(double[] logits) {
    return logits[Distribution.argmax(logits)] == Double.NEGATIVE_INFINITY;
  }

  private int draw(double[] weights) {
    double target = random.nextDouble() * Distribution.sum(weights);
    double sum = 0;
    int last = 0;
    for (int id = 0; id < weights.length; id++) {
      if (weights[id] > 0) {
        sum += weights[id];
        last = id;
        if (sum > target) {
          break;
        }
      }
    }
    return last;
  }
}
