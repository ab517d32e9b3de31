package dev.vitrine.generate;

import java.util.Arrays;
import java.util.BitSet;

/** The steps that look at the ids so far. */
final class Penalty {

  private Penalty() {}

  static void repetition(double[] logits, int[] ids, double penalty) {
    BitSet seen = new BitSet(logits.length);
    for (int id : ids) {
      seen.set(check(id, logits));
    }
    for (int id = seen.nextSetBit(0); id >= 0; id = seen.nextSetBit(id + 1)) {
      logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
    }
  }

  static void frequency(double[] logits, int[] ids, double penalty) {
    int[] counts = new int[logits.length];
    for (int id : ids) {
      counts[check(id, logits)]++;
    }
    for (int id = 0; id < counts.length; id++) {
      // Counted first and taken once, so that the order of the ids cannot show in the last bit.
      logits[id] -= penalty * counts[id];
    }
  }

  static void noRepeatNgram(double[] logits, int[] ids, int n) {
    int prefix = n - 1;
    int last = ids.length - prefix;
    for (int start = 0; start < last; start++) {
      if (Arrays.equals(ids, start, start + prefix, ids, last, ids.length)) {
        logits[check(ids[start + prefix], logits)] = Double.NEGATIVE_INFINITY;
      }
    }
  }

  private static int check(int id, double[] logits) {
    if (id < 0 || id >= logits.length) {
      throw new IllegalArgumentException(
          "token id %d is not in 0 … %d".formatted(id, logits.length - 1));
    }
    return id;
  }
}
