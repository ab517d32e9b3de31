package dev.vitrine.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.analysis.Information;
import dev.vitrine.analysis.tasks.GreaterThan;
import dev.vitrine.analysis.tasks.IndirectObject;
import dev.vitrine.analysis.tasks.RepeatedTokens;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Trace;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The built-in model's induction circuit is found by each way of looking for it. */
@SuppressWarnings("NullAway.Init") // JUnit calls load() first
class BuiltInHeadsTest {
  private static Gpt2 model;
  private static RepeatedTokens repeated;

  @BeforeAll
  static void load() {
    model = Gpt2.load("embedded");
    repeated = RepeatedTokens.of(model, 40, 3, 1);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void repeatedTokensShowTheHeadsThatTheModelWasStartedWith() {
    Tensor previous = HeadScores.MUL.of(repeated.traces(), HeadDetector.PREVIOUS_TOKEN);
    Tensor induction = HeadScores.MUL.of(repeated.traces(), HeadDetector.INDUCTION);
    assertThat(previous.top(1).labels().getFirst()).startsWith("layer 0");
    assertThat(induction.top(3).labels())
        .containsExactlyInAnyOrder("layer 1, head 0", "layer 1, head 1", "layer 1, head 2");
    assertThat(repeated.secondLoss()).isLessThan(1);
    assertThat(repeated.firstLoss()).isGreaterThan(5);
  }

  @Test
  void theStripesAreTheDetectorsOnTheSecondHalf() {
    Trace trace = repeated.traces().getFirst();
    Tensor stripe = HeadScores.stripe(trace, repeated.period() - 1);
    assertThat(stripe.get(1, 1)).isGreaterThan(0.5);
    assertThatThrownBy(() -> HeadScores.stripe(trace, trace.size()))
        .hasMessageContaining("no stripe");
  }

  @Test
  void inductionHeadsReadWhatPreviousTokenHeadsWrite() {
    Tensor k = new Circuits(model.view(View.FOLDED)).composition(Composition.K);
    assertThat(k.top(5).labels()).allMatch(label -> label.startsWith("layer 0"));
    assertThat(k.top(5).labels()).anyMatch(label -> label.contains("layer2 1"));
  }

  @Test
  void itIsAskedInWords() {
    IndirectObject object = IndirectObject.of(model, 20, 1);
    assertThat(object.accuracy()).isGreaterThan(0.9);
    assertThat(object.prompts()).hasSize(40);
    GreaterThan greater = GreaterThan.of(model, 20, 1);
    assertThat(greater.difference()).isGreaterThan(0.5);
  }

  @Test
  void aTableOfOnesOwnMustFitAndNotLookAhead() {
    Trace trace = model.trace("Mary and John");
    Tensor table =
        Tensor.of(new double[] {1, 0, 0, 1, 0, 0, 1, 0, 0}, Axis.QUERY.of(3), Axis.KEY.of(3));
    Tensor first = HeadScores.MUL.of(trace, HeadDetector.of("looks at the first", table));
    assertThat(first.min().value()).isBetween(0.0, 1.0);
    assertThat(
            new HeadScores(HeadScores.Measure.ABS, true, true)
                .of(trace, HeadDetector.PREVIOUS_TOKEN)
                .max()
                .value())
        .isLessThanOrEqualTo(1);
    assertThatThrownBy(() -> HeadScores.MUL.of(model.trace("Mary"), HeadDetector.of("x", table)))
        .hasMessageContaining("one row and one column for each");
    Tensor ahead = Tensor.of(new double[] {0, 1, 0, 0}, Axis.QUERY.of(2), Axis.KEY.of(2));
    assertThatThrownBy(
            () -> HeadScores.MUL.of(model.trace("Mary and"), HeadDetector.of("x", ahead)))
        .hasMessageContaining("looks ahead, from position 0 to 1");
  }

  @Test
  void distancesOfDistributions() {
    double inf = Double.NEGATIVE_INFINITY;
    Tensor sure = Tensor.of(new double[] {0, inf}, Axis.VOCAB.of(2));
    Tensor other = Tensor.of(new double[] {inf, 0}, Axis.VOCAB.of(2));
    Tensor even = Tensor.of(new double[] {Math.log(0.5), Math.log(0.5)}, Axis.VOCAB.of(2));
    assertThat(Information.entropy(sure, Axis.VOCAB).value()).isZero();
    assertThat(Information.entropy(even, Axis.VOCAB).value()).isCloseTo(Math.log(2), within(1e-15));
    assertThat(Information.kl(sure, even, Axis.VOCAB).value())
        .isCloseTo(Math.log(2), within(1e-15));
    assertThat(Information.kl(even, sure, Axis.VOCAB).value()).isInfinite();
    assertThat(Information.js(sure, other, Axis.VOCAB).value())
        .isCloseTo(Math.log(2), within(1e-15));
    assertThat(Information.totalVariation(sure, other, Axis.VOCAB).value()).isEqualTo(1);
    assertThat(
            Information.kl(
                    sure, Tensor.of(new double[] {Double.NaN, 0}, Axis.VOCAB.of(2)), Axis.VOCAB)
                .value())
        .isNaN();
  }
}
