package dev.vitrine.generate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The steps that bar tokens: each leaves at least one. */
final class Truncation {

  private static final double BARRED = Double.NEGATIVE_INFINITY;

  private Truncation() {}

  static void topK(double[] logits, int k) {
    double[] sorted = sorted(logits);
    double kth = sorted[Math.max(0, sorted.length - k)];
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] < kth) {
        logits[i] = BARRED;
      }
    }
  }

  static void topP(double[] logits, double p) {
    double[] ascending = Distribution.softmax(sorted(logits));
    int cut = 0;
    double below = 0;
    while (cut < ascending.length - 1) {
      below += ascending[cut];
      if (below > 1 - p) {
        break;
      }
      cut++;
    }
    keepLargest(logits, logits.length - cut);
  }

  /** TransformerLens' way, from above: what comes after the sum first exceeds p is barred. */
  static void topPFromAbove(double[] logits, double p) {
    double[] ascending = Distribution.softmax(sorted(logits));
    int kept = 0;
    double above = 0;
    while (kept < ascending.length && above <= p) {
      kept++;
      above += ascending[ascending.length - kept];
    }
    keepLargest(logits, kept);
  }

  static void minP(double[] logits, double p) {
    keepLikely(logits, Distribution.softmax(logits), p, true);
  }

  static void epsilon(double[] logits, double epsilon) {
    keepLikely(logits, Distribution.softmax(logits), epsilon, false);
  }

  static void eta(double[] logits, double epsilon) {
    double[] probabilities = Distribution.softmax(logits);
    double entropy = Distribution.entropy(probabilities, Distribution.surprise(logits));
    double least = Math.min(epsilon, Math.sqrt(epsilon) * StrictMath.exp(-entropy));
    keepLikely(logits, probabilities, least, false);
  }

  static void typical(double[] logits, double mass) {
    double[] probabilities = Distribution.softmax(logits);
    double[] surprise = Distribution.surprise(logits);
    double entropy = Distribution.entropy(probabilities, surprise);
    double[] distance = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      distance[i] = Math.abs(surprise[i] - entropy);
    }
    int[] nearest =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> distance[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    int last = 0;
    double within = probabilities[nearest[0]];
    while (last < nearest.length - 1 && within < mass) {
      last++;
      within += probabilities[nearest[last]];
    }
    double farthest = distance[nearest[last]];
    for (int i = 0; i < logits.length; i++) {
      if (distance[i] > farthest) {
        logits[i] = BARRED;
      }
    }
  }

  private static double[] sorted(double[] logits) {
    double[] sorted = logits.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  /** Keeps exactly so many; of equals at the border those with the lower ids. */
  private static void keepLargest(double[] logits, int count) {
    double[] sorted = sorted(logits);
    double border = sorted[sorted.length - count];
    int equals = count;
    for (double logit : logits) {
      if (logit > border) {
        equals--;
      }
    }
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] < border || (logits[i] == border && equals-- <= 0)) {
        logits[i] = BARRED;
      }
    }
  }

  /** Keeps what is likely enough, in itself or beside the likeliest, and what is the likeliest. */
  private static void keepLikely(
      double[] logits, double[] probabilities, double least, boolean relative) {
    int best = Distribution.argmax(logits);
    double largest = logits[best];
    double bound = relative ? least * probabilities[best] : least;
    for (int i = 0; i < logits.length; i++) {
      if (probabilities[i] < bound && logits[i] < largest) {
        logits[i] = BARRED;
      }
    }
  }
}
