package dev.vitrine.golden;

import static dev.vitrine.golden.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.weights.Checkpoint;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Softmax, layer norm, activations and cross entropy hold on inputs made to break them. */
@Tag("golden")
@Tag("every-backend")
class NumericsGoldenTest {

  static Stream<Arguments> runs() {
    return ForwardGoldenTest.runs("numerics");
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void extremeInputsAreComputedAsExactly(GoldenCase golden, String backendName) {
    JsonNode statements = golden.expectation().get("tensors");
    try (Backend backend = Backends.open(backendName, 1);
        Checkpoint inputs = Checkpoint.open(golden.folder().resolve("inputs.safetensors"));
        Checkpoint expected = golden.expected()) {
      for (JsonNode run : golden.inputs().get("runs")) {
        Numerics numerics = new Numerics(backend, inputs, run);
        numerics
            .results()
            .forEach((key, actual) -> {
              String name = run.get(key).asText();
              double[] wanted = expected.tensor(name).doubles();
              assertClose(name, actual, wanted, statements.get(name), backend.isDouble());
            });
        if (run.get("op").asText().equals("softmax")) {
          double[] row = numerics.results().get("expect");
          double sum = 0;
          for (double p : row == null ? new double[0] : row) {
            assertThat(p).isNotNegative();
            sum += p;
          }
          assertThat(sum).isCloseTo(1, within(1e-6));
        }
      }
    }
  }
}
