package dev.vitrine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Each step keeps what it says, and always something. */
class WarperTest {

  private static final double NONE = Double.NEGATIVE_INFINITY;

  @Test
  void everyTruncationKeepsTheLikeliestAndChangesNoLogitThatItKeeps() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 2000; i++) {
      double[] logits = logits(random, 1 + random.nextInt(40));
      double share = 1 - random.nextDouble();
      List<Warper> steps =
          List.of(
              Warper.topK(1 + random.nextInt(50)),
              Warper.topP(share),
              Warper.minP(share),
              Warper.epsilon(share * 0.999),
              Warper.eta(share * 0.999));
      for (Warper step : steps) {
        double[] warped = logits.clone();
        step.warp(warped, new int[0]);
        int best = Distribution.argmax(logits);
        assertThat(warped[best]).isEqualTo(logits[best]);
        assertKeepsOrBars(logits, warped);
      }
      double[] typical = logits.clone();
      Warper.typical(share).warp(typical, new int[0]);
      assertThat(typical[Distribution.argmax(typical)]).isGreaterThan(NONE);
      assertKeepsOrBars(logits, typical);
    }
  }

  private static void assertKeepsOrBars(double[] before, double[] after) {
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isIn(before[i], NONE);
    }
  }

  /** Ties and barred tokens among them. */
  private static double[] logits(SplittableRandom random, int size) {
    double[] logits = new double[size];
    for (int i = 0; i < size; i++) {
      logits[i] = random.nextInt(5) == 0 ? NONE : random.nextInt(9) - 4;
    }
    logits[random.nextInt(size)] = 1;
    return logits;
  }

  @Test
  void topPKeepsTheFewestThatHaveTheProbability() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 500; i++) {
      double[] logits = random.doubles(30, -3, 3).toArray();
      double[] probabilities = Distribution.softmax(logits);
      double p = random.nextDouble(0.01, 0.99);
      Warper.topP(p).warp(logits, new int[0]);
      double kept = 0;
      double least = 1;
      for (int id = 0; id < logits.length; id++) {
        if (logits[id] > NONE) {
          kept += probabilities[id];
          least = Math.min(least, probabilities[id]);
        }
      }
      assertThat(kept).isGreaterThan(p - 1e-12);
      assertThat(kept - least).isLessThan(p + 1e-12);
    }
  }

  @Test
  void topKKeepsTiesAndTopPTheLowerIds() {
    double[] ties = {1, 2, 2, 2, 0};
    assertThat(warped(Warper.topK(2), ties)).containsExactly(NONE, 2, 2, 2, NONE);
    assertThat(warped(Warper.topP(0.5), ties)).containsExactly(NONE, 2, 2, NONE, NONE);
    assertThat(warped(Warper.topK(99), ties)).containsExactly(ties);
    assertThat(warped(Warper.topP(1), ties)).containsExactly(ties);
  }

  @Test
  void penaltiesSeeEachIdSoFar() {
    double[] logits = {2, -2, 4, NONE, 1};
    assertThat(warped(Warper.repetitionPenalty(2), logits, 0, 1, 1, 3))
        .containsExactly(1, -4, 4, NONE, 1);
    assertThat(warped(Warper.frequencyPenalty(0.5), logits, 0, 1, 1, 3))
        .containsExactly(1.5, -3, 4, NONE, 1);
    assertThat(warped(Warper.noRepeatNgram(1), logits, 0, 4))
        .containsExactly(NONE, -2, 4, NONE, NONE);
    assertThat(warped(Warper.noRepeatNgram(3), logits, 0, 1, 2, 4, 0, 1))
        .containsExactly(2, -2, NONE, NONE, 1);
    assertThat(warped(Warper.noRepeatNgram(3), logits, 0)).containsExactly(logits);
    assertThat(warped(Warper.noRepeatNgram(3), logits)).containsExactly(logits);
  }

  @Test
  void anIdOutsideTheVocabularyIsRefused() {
    for (Warper step : List.of(Warper.repetitionPenalty(2), Warper.frequencyPenalty(1))) {
      assertThatThrownBy(() -> step.warp(new double[3], new int[] {3}))
          .hasMessage("token id 3 is not in 0 … 2");
    }
  }

  private static double[] warped(Warper step, double[] logits, int... ids) {
    double[] warped = Arrays.copyOf(logits, logits.length);
    step.warp(warped, ids);
    return warped;
  }
}
