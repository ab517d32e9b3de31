package dev.vitrine.golden;

import static dev.vitrine.golden.Closeness.assertClose;
import static dev.vitrine.golden.Closeness.largest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.UnderTest;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.weights.Checkpoint;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every site of every model equals the reference tools', within what the arithmetic costs. */
@Tag("golden")
@Tag("every-backend")
class ForwardGoldenTest {

  /** Every case on every backend that can run here. */
  static Stream<Arguments> runs() {
    return runs("forward", "forward_tl");
  }

  static Stream<Arguments> paddingRuns() {
    return runs("padding");
  }

  static Stream<Arguments> runs(String... kinds) {
    List<String> backends = UnderTest.backends();
    return GoldenCase.ofKind(kinds)
        .flatMap(golden -> backends.stream().map(backend -> Arguments.of(golden, backend)));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void everySiteIsWhatTheReferenceToolsCompute(GoldenCase golden, String backend) {
    JsonNode statements = golden.expectation().get("tensors");
    try (Gpt2 model = load(golden, backend);
        Checkpoint expected = golden.expected()) {
      Batch batch = batch(golden, model);
      for (String name : golden.names()) {
        Tensor actual = batch.tensor(name);
        JsonNode statement = statements.get(name);
        assertThat(axes(actual)).as(name + ": axes").isEqualTo(statement.get("axes").asText());
        assertThat(actual.shape()).as(name).isEqualTo(GoldenCase.ints(statement.get("shape")));
        assertClose(
            name,
            actual.doubles(),
            expected.tensor(name).doubles(),
            statement,
            model.backend().isDouble());
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void theReferenceIsExactToNineDigits(GoldenCase golden, String backend) {
    Optional<Checkpoint> expected = golden.expected64();
    if (!backend.equals("reference") || expected.isEmpty()) {
      return;
    }
    try (Gpt2 model = load(golden, backend);
        Checkpoint exact = expected.get()) {
      Batch batch = batch(golden, model);
      exact
          .tensors()
          .forEach(tensor -> {
            double[] values = tensor.doubles();
            assertClose(
                tensor.name(),
                batch.tensor(tensor.name()).doubles(),
                values,
                1e-9 * largest(values));
          });
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void theLossIsTheirs(GoldenCase golden, String backend) {
    JsonNode loss = golden.expectation().get("scalars").get("loss");
    if (loss == null) {
      return;
    }
    try (Gpt2 model = load(golden, backend)) {
      double expected = loss.get("value").asDouble();
      double tolerance =
          model.backend().isDouble()
              ? 1e-9 * Math.abs(expected)
              : 8 * loss.get("f32_abs_err").asDouble();
      assertThat(batch(golden, model).loss()).isCloseTo(expected, within(tolerance));
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("paddingRuns")
  void aBatchOfUnequalPromptsNeedsNoPadding(GoldenCase golden, String backend) {
    JsonNode statements = golden.expectation().get("tensors");
    try (Gpt2 model = load(golden, backend);
        Checkpoint expected = golden.expected()) {
      List<int[]> sequences = GoldenCase.rows(golden.inputs().get("sequences"));
      Batch batch = model.traces(sequences.stream().map(model::tokens).toList());
      for (int i = 0; i < sequences.size(); i++) {
        String name = "single." + i + "/logits";
        assertClose(
            name,
            batch.get(i).logits().doubles(),
            expected.tensor(name).doubles(),
            statements.get(name),
            model.backend().isDouble());
      }
    }
  }

  static Gpt2 load(GoldenCase golden, String backend) {
    return Gpt2.load(golden.model().toString(), Backends.open(backend, 2));
  }

  private static Batch batch(GoldenCase golden, Gpt2 model) {
    return model.traces(golden.tokens("main").stream().map(model::tokens).toList());
  }

  private static String axes(Tensor tensor) {
    return String.join(
        " ",
        tensor.axes().stream()
            .map(axis ->
                axis == Axis.POSITION
                    ? "pos"
                    : axis == Axis.QUERY ? "q" : axis == Axis.KEY ? "k" : axis.toString())
            .toList());
  }
}
