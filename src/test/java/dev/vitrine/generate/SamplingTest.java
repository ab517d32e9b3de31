package dev.vitrine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Settings are checked when they are made, each refusal in one line that says what may be. */
class SamplingTest {

  @Test
  void settingsOutOfRangeAreRefused() {
    String greedy = " (for the likeliest token each time use greedy)";
    refuses(b -> b.temperature(0), "temperature must be above 0, not 0.0" + greedy);
    refuses(b -> b.temperature(-1), "temperature must be above 0, not -1.0" + greedy);
    refuses(b -> b.temperature(Double.NaN), "temperature must be above 0, not NaN" + greedy);
    refuses(b -> b.topK(-1), "top-k must be 0 (all) or more, not -1");
    refuses(b -> b.topP(0), "top-p must be above 0 and at most 1, not 0.0");
    refuses(b -> b.topP(1.1), "top-p must be above 0 and at most 1, not 1.1");
    refuses(b -> b.minP(-0.1), "min-p must be from 0 to 1, not -0.1");
    refuses(b -> b.typical(0), "typical must be above 0 and at most 1, not 0.0");
    refuses(b -> b.epsilon(1), "epsilon must be at least 0 and below 1, not 1.0");
    refuses(b -> b.eta(Double.NaN), "eta must be at least 0 and below 1, not NaN");
    refuses(b -> b.repetitionPenalty(0), "repetition penalty must be above 0 (1 is none), not 0.0");
    refuses(
        b -> b.frequencyPenalty(Double.POSITIVE_INFINITY),
        "frequency penalty must be a finite number, not Infinity");
    refuses(b -> b.noRepeatNgram(-2), "no-repeat n-gram must be 0 (none) or more, not -2");
    refuses(b -> b.maxNew(-5), "the number of new tokens must be 0 or more, not -5");
    refuses(b -> b.stop(3, -1), "a stop token's id must be 0 or more, not -1");
  }

  private static void refuses(UnaryOperator<Sampling.Builder> setting, String message) {
    Sampling.Builder builder = setting.apply(Sampling.builder());
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void whatIsOffTakesNoStep() {
    assertThat(Sampling.builder().build().warpers()).isEmpty();
    assertThat(Sampling.builder().topK(5).topP(0.9).eta(0.1).build().warpers()).hasSize(3);
  }

  @Test
  void greedyTakesThePenaltiesAlone() {
    Sampling greedy = Sampling.builder().greedy(true).temperature(3).topK(2).build();
    assertThat(greedy.warpers()).isEmpty();
    Sampling penalised = Sampling.builder().greedy(true).repetitionPenalty(4).build();
    assertThat(new Sampler(penalised).next(new double[] {1, 3, 2}, 1)).isEqualTo(2);
  }

  @Test
  void thePenaltiesComeBeforeTheTemperature() {
    Sampling sampling = Sampling.builder().frequencyPenalty(1).temperature(0.5).build();
    double[] logits = {1, 1};
    Warper.all(sampling.warpers()).warp(logits, new int[] {0});
    assertThat(logits).containsExactly(0, 2);
  }

  @Test
  void aTextStopsAtItsStopTokens() {
    Sampling sampling = Sampling.builder().stop(3, 5, 3).build();
    assertThat(sampling.stopsAt(5)).isTrue();
    assertThat(sampling.stopsAt(4)).isFalse();
    assertThat(Sampling.builder().build().stopsAt(0)).isFalse();
  }
}
