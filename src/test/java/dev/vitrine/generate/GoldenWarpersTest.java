package dev.vitrine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.text.Golden;
import dev.vitrine.text.Golden.Json;
import dev.vitrine.weights.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The distributions that Hugging Face's and TransformerLens' steps leave. */
@Tag("golden")
class GoldenWarpersTest {

  static List<Path> cases() {
    return Golden.cases("warpers");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void huggingFacesStepsLeaveTheseProbabilities(Path folder) {
    List<Json> runs = Golden.json(folder.resolve("inputs.json")).get("runs").items();
    assertThat(runs).hasSizeGreaterThan(30);
    for (Json run : runs) {
      List<Warper> steps = run.get("steps").items().stream().map(this::step).toList();
      String source = run.has("source") ? run.get("source").text() : "logits";
      check(folder, run, source, steps, "tol_f64");
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void transformerLensSamplerLeavesTheseProbabilities(Path folder) {
    Json inputs = Golden.json(folder.resolve("inputs.json"));
    for (Json run : inputs.get("transformer_lens_runs").items()) {
      OptionalInt topK =
          run.has("top_k") ? OptionalInt.of((int) number(run, "top_k", 0)) : OptionalInt.empty();
      OptionalDouble topP =
          run.has("top_p") ? OptionalDouble.of(number(run, "top_p", 0)) : OptionalDouble.empty();
      TransformerLensSampling sampling =
          new TransformerLensSampling(
              number(run, "temperature", 1),
              topK,
              topP,
              number(run, "repetition_penalty", 1),
              number(run, "freq_penalty", 0));
      check(folder, run, "logits", sampling.warpers(), "tol_f32");
      // TransformerLens was given float32 logits there: its quotients are rounded, ours need not
      // be.
      List<Warper> rounded = sampling.warpers().stream().map(this::rounded).toList();
      check(folder, run, "logits", rounded, "tol_f64");
    }
  }

  private Warper rounded(Warper step) {
    return (logits, ids) -> {
      step.warp(logits, ids);
      Arrays.setAll(logits, id -> (float) logits[id]);
    };
  }

  private static double number(Json run, String name, double otherwise) {
    return run.has(name) ? run.get(name).number() : otherwise;
  }

  private Warper step(Json step) {
    double value = step.items().get(1).number();
    return switch (step.items().get(0).text()) {
      case "temperature" -> Warper.temperature(value);
      case "top_k" -> Warper.topK((int) value);
      case "top_p" -> Warper.topP(value);
      case "min_p" -> Warper.minP(value);
      case "typical_p" -> Warper.typical(value);
      case "epsilon_cutoff" -> Warper.epsilon(value);
      case "eta_cutoff" -> Warper.eta(value);
      case "repetition_penalty" -> Warper.repetitionPenalty(value);
      case "no_repeat_ngram" -> Warper.noRepeatNgram((int) value);
      default -> throw new IllegalArgumentException(step.items().get(0).text());
    };
  }

  private static void check(
      Path folder, Json run, String source, List<Warper> steps, String toleranceName) {
    String name = run.get("name").text();
    Json about = Golden.json(folder.resolve("expected.json")).get("tensors");
    double tolerance = about.get(name + "/probs").get(toleranceName).number();
    try (Checkpoint inputs = Checkpoint.open(folder.resolve("inputs.safetensors"));
        Checkpoint expected = Checkpoint.open(folder.resolve("expected.safetensors"))) {
      List<double[]> logits = rows(inputs.tensor(source).doubles(), 4);
      List<double[]> history = rows(inputs.tensor("history").doubles(), 4);
      List<double[]> probabilities = rows(expected.tensor(name + "/probs").doubles(), 4);
      for (int row = 0; row < logits.size(); row++) {
        int[] ids = Arrays.stream(history.get(row)).mapToInt(id -> (int) id).toArray();
        double[] warped = logits.get(row);
        Warper.all(steps).warp(warped, ids);
        double[] actual = Distribution.softmax(warped);
        String place = name + ", row " + row;
        assertThat(actual).as(place).containsExactly(probabilities.get(row), within(tolerance));
        assertThat(support(actual)).as(place).isEqualTo(support(probabilities.get(row)));
        if (about.has(name + "/support")) {
          long[] support = expected.tensor(name + "/support").longs();
          assertThat(support(actual)).as(place).isEqualTo(support[row]);
        }
      }
    }
  }

  private static long support(double[] probabilities) {
    return Arrays.stream(probabilities).filter(p -> p > 0).count();
  }

  private static List<double[]> rows(double[] all, int count) {
    List<double[]> rows = new ArrayList<>();
    int length = all.length / count;
    for (int row = 0; row < count; row++) {
      rows.add(Arrays.copyOfRange(all, row * length, (row + 1) * length));
    }
    return rows;
  }
}
