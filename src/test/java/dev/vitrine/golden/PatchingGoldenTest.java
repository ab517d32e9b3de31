package dev.vitrine.golden;

import static dev.vitrine.golden.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.analysis.patching.Activation;
import dev.vitrine.analysis.patching.Metric;
import dev.vitrine.analysis.patching.Patching;
import dev.vitrine.analysis.patching.PathPatching;
import dev.vitrine.analysis.patching.PathPatching.Through;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.weights.Checkpoint;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sweep gives what TransformerLens's gives, one run after another. */
@Tag("golden")
class PatchingGoldenTest {

  static Stream<Arguments> runs() {
    return ForwardGoldenTest.runs("patching");
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void everySweepIsTheirs(GoldenCase golden, String backend) {
    JsonNode expectation = golden.expectation();
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend);
        Checkpoint expected = golden.expected()) {
      Sweeps sweeps = new Sweeps(golden, model);
      for (String name : golden.names()) {
        JsonNode statement = expectation.get("tensors").get(name);
        Tensor actual = sweeps.tensor(name);
        assertThat(actual.shape()).as(name).isEqualTo(GoldenCase.ints(statement.get("shape")));
        double[] wanted = expected.tensor(name).doubles();
        assertClose(name, actual.doubles(), wanted, statement, model.backend().isDouble());
      }
      for (String end : new String[] {"clean", "corrupted"}) {
        JsonNode statement = expectation.get("scalars").get(end + "_logit_diff");
        double wanted = statement.get("value").asDouble();
        double tolerance =
            model.backend().isDouble()
                ? 1e-9 * Math.abs(wanted)
                : Math.max(8 * statement.get("f32_abs_err").asDouble(), 2e-6 * Math.abs(wanted));
        double actual = sweeps.difference.of(end.equals("clean") ? sweeps.clean : sweeps.corrupted);
        assertClose(end, new double[] {actual}, new double[] {wanted}, tolerance);
      }
    }
  }

  /** The case's runs, asked in its words. */
  private static final class Sweeps {
    private final Batch clean;
    private final Batch corrupted;
    private final Metric difference;
    private final JsonNode receiver;

    Sweeps(GoldenCase golden, Gpt2 model) {
      clean = model.traces(golden.tokens("clean").stream().map(model::tokens).toList());
      corrupted = model.traces(golden.tokens("corrupted").stream().map(model::tokens).toList());
      difference = Metric.logitDifference(GoldenCase.rows(golden.inputs().get("answers")));
      receiver = golden.inputs().path("path_patch_receiver");
    }

    Tensor tensor(String name) {
      Patching patching =
          Patching.denoising(clean, corrupted, difference.normalized(corrupted, clean));
      if (name.startsWith("noising_")) {
        String activation = name.substring("noising_".length()).replace("_logit_diff", "");
        return Patching.noising(clean, corrupted, difference).sweep(Activation.named(activation));
      }
      if (name.startsWith("path_patch_to_")) {
        return path(name.substring("path_patch_to_".length()));
      }
      return switch (name) {
        case "block_every" -> patching.blockEvery();
        case "attn_head_all_pos_every" -> patching.attnHeadAllPosEvery();
        case "attn_head_by_pos_every" -> patching.attnHeadByPosEvery();
        default -> patching.sweep(Activation.named(name));
      };
    }

    private Tensor path(String to) {
      PathPatching paths = PathPatching.of(clean, corrupted, difference.change(clean));
      if (to.equals("final_resid")) {
        return paths.toFinalResid();
      }
      Through through = Through.valueOf(to.substring("head_".length()).toUpperCase(Locale.ROOT));
      return paths.toHeads(through, receiver.get("layer").asInt(), receiver.get("head").asInt());
    }
  }
}
