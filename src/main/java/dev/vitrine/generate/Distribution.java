package dev.vitrine.generate;

/** Softmax and what is said about it, the same to the bit on every machine. */
final class Distribution {

  private Distribution() {}

  /** The position of the largest, the first among equals; 0 where all are -∞. */
  static int argmax(double[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  /** exp(logit - largest): the probabilities but for a common factor. */
  static double[] weights(double[] logits) {
    double largest = logits[argmax(logits)];
    double[] weights = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      // StrictMath.exp takes its time; after a truncation most are gone.
      weights[i] = logits[i] == Double.NEGATIVE_INFINITY ? 0 : StrictMath.exp(logits[i] - largest);
    }
    return weights;
  }

  static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  static double[] softmax(double[] logits) {
    double[] probabilities = weights(logits);
    double total = sum(probabilities);
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] /= total;
    }
    return probabilities;
  }

  /** -log p of each, +∞ where p is 0 because its logit is -∞. */
  static double[] surprise(double[] logits) {
    double largest = logits[argmax(logits)];
    double logTotal = StrictMath.log(sum(weights(logits)));
    double[] surprise = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      surprise[i] = logTotal - (logits[i] - largest);
    }
    return surprise;
  }

  /** The mean surprise, in nats. */
  static double entropy(double[] probabilities, double[] surprise) {
    double entropy = 0;
    for (int i = 0; i < probabilities.length; i++) {
      if (probabilities[i] > 0) {
        entropy += probabilities[i] * surprise[i];
      }
    }
    return entropy;
  }
}
