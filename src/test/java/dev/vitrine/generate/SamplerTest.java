package dev.vitrine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A draw is settled by its seed, follows the distribution, and fails clearly. */
class SamplerTest {

  private static final double NONE = Double.NEGATIVE_INFINITY;

  @Test
  void theSameSeedGivesTheSameIds() {
    assertThat(draws(7, 200)).isEqualTo(draws(7, 200)).isNotEqualTo(draws(8, 200));
  }

  @Test
  void aSeedGivesTheseIdsForEver() {
    assertThat(draws(7, 12)).containsExactly(37, 2, 93, 62, 45, 24, 46, 30, 14, 42, 10, 96);
  }

  private static int[] draws(long seed, int count) {
    double[] logits = new SplittableRandom(3).doubles(100, -2, 2).toArray();
    Sampler sampler = new Sampler(Sampling.builder().seed(seed).temperature(0.9).build());
    return IntStream.range(0, count).map(i -> sampler.next(logits)).toArray();
  }

  @Test
  void theGeneratorIsSplitMix() {
    // As java.util.SplittableRandom has it today, and as its authors published it.
    SplittableRandom theirs = new SplittableRandom(1234567);
    SplitMix ours = new SplitMix(1234567);
    for (int i = 0; i < 1000; i++) {
      assertThat(ours.nextDouble()).isEqualTo((theirs.nextLong() >>> 11) * 0x1p-53);
    }
  }

  @Test
  void frequenciesFollowTheDistribution() {
    SplittableRandom random = new SplittableRandom(4);
    for (int run = 0; run < 20; run++) {
      double[] logits = random.doubles(25, -2, 2).toArray();
      logits[3] = NONE;
      Sampler sampler = new Sampler(Sampling.builder().seed(run).temperature(0.8).topK(12).build());
      double[] probabilities = sampler.probabilities(logits);
      int draws = 20_000;
      int[] counts = new int[logits.length];
      for (int i = 0; i < draws; i++) {
        counts[sampler.next(logits)]++;
      }
      double chiSquare = 0;
      for (int id = 0; id < counts.length; id++) {
        double expected = draws * probabilities[id];
        if (expected == 0) {
          assertThat(counts[id]).isZero();
        } else {
          chiSquare += (counts[id] - expected) * (counts[id] - expected) / expected;
        }
      }
      // 11 degrees of freedom: one in 100,000 lies above 42.
      assertThat(chiSquare).isLessThan(42);
    }
  }

  @Test
  void greedyTakesTheLowestIdAmongEquals() {
    Sampler greedy = new Sampler(Sampling.builder().greedy(true).build());
    assertThat(greedy.next(new double[] {1, 3, 3, 2})).isEqualTo(1);
    assertThat(greedy.next(new double[] {-1})).isZero();
    assertThat(greedy.probabilities(new double[] {1, 3, 3, 2})).containsExactly(0, 1, 0, 0);
  }

  @Test
  void looseEndsAreDrawnAsTheyMust() {
    Sampler sampler = new Sampler(Sampling.builder().build());
    for (int i = 0; i < 100; i++) {
      assertThat(sampler.next(new double[] {NONE, NONE, -700, NONE})).isEqualTo(2);
      assertThat(sampler.next(new double[] {5})).isZero();
      assertThat(sampler.next(new double[] {-1e300, 1e300})).isOne();
      assertThat(sampler.next(new double[] {0, NONE, -800})).isZero();
    }
  }

  @Test
  void lookingAtTheProbabilitiesDrawsNothingAndChangesNothing() {
    double[] logits = {0.5, 0.25, NONE, 1};
    double[] before = logits.clone();
    Sampling sampling = Sampling.builder().seed(9).topP(0.9).repetitionPenalty(1.5).build();
    Sampler looked = new Sampler(sampling);
    Sampler plain = new Sampler(sampling);
    for (int i = 0; i < 50; i++) {
      assertThat(Distribution.sum(looked.probabilities(logits, 1))).isEqualTo(1, within(1e-12));
      assertThat(looked.next(logits, 1)).isEqualTo(plain.next(logits, 1));
    }
    assertThat(logits).containsExactly(before);
  }

  @Test
  void whatCannotBeChosenFromIsSaid() {
    for (boolean greedy : new boolean[] {true, false}) {
      Sampler sampler = new Sampler(Sampling.builder().greedy(greedy).noRepeatNgram(1).build());
      assertThatThrownBy(() -> sampler.next(new double[] {1, Double.NaN}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the logit of token 1 is NaN, so there is no next token: look where it first arises");
      assertThatThrownBy(() -> sampler.next(new double[] {Double.POSITIVE_INFINITY}))
          .hasMessageStartingWith("the logit of token 0 is +∞");
      assertThatThrownBy(() -> sampler.next(new double[] {NONE, NONE}))
          .hasMessage("all 2 logits are -∞, so there is no next token");
      assertThatThrownBy(() -> sampler.next(new double[] {1, 2}, 0, 1))
          .hasMessage("no token is left to choose after the penalties: relax the no-repeat n-gram");
      assertThatThrownBy(() -> sampler.next(new double[0]))
          .hasMessage("there are no logits to choose from");
    }
  }
}
