package dev.vitrine.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.UnderTest;
import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.trace.Trace;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The sums of an analysis are the model's own numbers, on models of every architecture. */
@Tag("golden")
class AnalysisTest {

  static Stream<Arguments> runs() {
    List<String> backends = UnderTest.backends();
    return GoldenCase.ofKind("forward", "forward_tl", "analysis")
        .flatMap(golden -> backends.stream().map(backend -> Arguments.of(golden, backend)));
  }

  private static Gpt2 load(GoldenCase golden, String backend) {
    return Gpt2.load(golden.model().toString(), Backends.open(backend, 1));
  }

  private static Trace trace(GoldenCase golden, Gpt2 model) {
    return model.trace(model.tokens(golden.tokens("main").getFirst()));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void componentsAddUpToTheLogit(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      Trace trace = trace(golden, model);
      double precision = model.backend().isDouble() ? 1e-12 : 1e-5;
      for (int position : new int[] {0, -1}) {
        int best = trace.predictions(position).first();
        for (int token : new int[] {best, 0, model.config().vocab() - 1}) {
          Attribution attribution = Attribution.of(trace, position, token);
          double largest =
              attribution.components().stream()
                  .mapToDouble(c -> Math.abs(c.logit()))
                  .max()
                  .orElse(0);
          assertThat(attribution.sum())
              .isCloseTo(
                  attribution.logit(),
                  within(precision * Math.max(largest, Math.abs(attribution.logit()))));
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void componentsOfADifferenceAreTheDifferencesOfComponents(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      Trace trace = trace(golden, model);
      int last = model.config().vocab() - 1;
      Attribution of = Attribution.of(trace, -1, 0);
      Attribution against = Attribution.of(trace, -1, last);
      Attribution difference = Attribution.ofDifference(trace, -1, 0, last);
      assertThat(difference.against()).hasValue(last);
      assertThat(difference.logit()).isCloseTo(of.logit() - against.logit(), within(1e-12));
      for (int i = 0; i < of.components().size(); i++) {
        double expected = of.components().get(i).logit() - against.components().get(i).logit();
        assertThat(difference.components().get(i).name()).isEqualTo(of.components().get(i).name());
        assertThat(difference.components().get(i).logit())
            .isCloseTo(expected, within(1e-9 * Math.max(1, Math.abs(of.logit()))));
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void theLastLayerOfTheLensIsTheModelToTheBit(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      Trace trace = trace(golden, model);
      LogitLens lens = LogitLens.of(trace, -1);
      assertThat(lens.layers()).hasSize(model.config().layers() + 1);
      LogitLens.Layer last = lens.layers().getLast();
      assertThat(last.logits().sameBits(trace.logits(-1))).isTrue();
      assertThat(last.rank(trace.predictions().first())).isEqualTo(1);
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void everyHeadSharesItsAttentionAmongAllPositionsUpToItsOwn(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      Trace trace = trace(golden, model);
      List<HeadAttention> heads = HeadAttention.all(trace, -1);
      assertThat(heads).hasSize(model.config().layers() * model.config().heads());
      for (HeadAttention head : heads) {
        assertThat(head.weights()).hasSize(trace.size());
        double sum = head.weights().stream().mapToDouble(Double::doubleValue).sum();
        assertThat(sum).isCloseTo(1, within(1e-5));
        assertThat(head.top(trace, 1).getFirst().weight())
            .isEqualTo(head.weights().stream().mapToDouble(Double::doubleValue).max().orElse(0));
      }
    }
  }
}
