package dev.vitrine.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.weights.inspect.Anatomy;
import dev.vitrine.weights.inspect.Anatomy.Part;
import dev.vitrine.weights.inspect.Difference;
import dev.vitrine.weights.inspect.Inspection;
import dev.vitrine.weights.inspect.Statistics;
import dev.vitrine.weights.inspect.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inspecting, verifying and comparing find what was put there. */
class InspectTest {

  private final TinyModel tiny = new TinyModel();
  @TempDir Path folder;

  private Gpt2Weights open(String name, String config, Map<String, TinyModel.Values> tensors)
      throws IOException {
    Path model = Files.createDirectories(folder.resolve(name));
    boolean lens = config.contains("d_model");
    Files.writeString(model.resolve(lens ? "tl_config.json" : "config.json"), config);
    TinyModel.write(model.resolve("model.safetensors"), tensors);
    return Gpt2Weights.open(model);
  }

  private Gpt2Weights original() throws IOException {
    return open("original", tiny.huggingFaceConfig(), tiny.huggingFace);
  }

  @Test
  void statisticsAreOfTheFiniteElements() {
    Path file = folder.resolve("x.safetensors");
    float[] elements = {3, -4, Float.NaN, Float.NEGATIVE_INFINITY, 0, Float.NaN};
    TinyModel.write(file, Map.of("x", new TinyModel.Values(new long[] {2, 3}, elements)));
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      Statistics x = Inspection.of(checkpoint, Progress.SILENT).tensors().getFirst();
      assertThat(x.least()).isEqualTo(-4);
      assertThat(x.most()).isEqualTo(3);
      assertThat(x.mean()).isEqualTo(-1 / 3.0);
      assertThat(x.norm()).isEqualTo(5);
      assertThat(x.nans()).isEqualTo(2);
      assertThat(x.infinities()).isEqualTo(1);
    }
  }

  @Test
  void everyParameterIsInOnePartUnderEveryNaming() throws IOException {
    try (Gpt2Weights hf = original();
        Gpt2Weights lens = open("lens", tiny.transformerLensConfig(), tiny.transformerLens())) {
      Inspection inspection = Inspection.of(hf, Progress.SILENT);
      assertThat(inspection)
          .hasToString(hf.checkpoint().origin() + ": safetensors, 28 tensors, 686 parameters");
      assertThat(inspection.parameters()).isEqualTo(686);
      Anatomy one = Anatomy.of(hf);
      Anatomy other = Anatomy.of(lens);
      for (Part part : Part.values()) {
        if (part != Part.UNEMBEDDING) {
          assertThat(one.of(part)).as(part.name()).isPositive().isEqualTo(other.of(part));
        }
      }
      assertThat(one.of(Part.UNEMBEDDING)).isZero();
      assertThat(other.of(Part.UNEMBEDDING)).isEqualTo(11 * 6 + 11);
    }
  }

  @Test
  void masksAndATiedUnembeddingAreNoParameters() throws IOException {
    Map<String, TinyModel.Values> all = new LinkedHashMap<>(tiny.huggingFace);
    all.put("lm_head.weight", tiny.huggingFace.get("wte.weight"));
    all.put("h.0.attn.bias", new TinyModel.Values(new long[] {1, 1, 5, 5}, new float[25]));
    try (Gpt2Weights weights = open("more", tiny.huggingFaceConfig(), all)) {
      assertThat(Anatomy.of(weights).total()).isEqualTo(686);
    }
  }

  @Test
  void aSoundModelHasNoFaults() throws IOException {
    try (Gpt2Weights weights = original()) {
      Verification verification = Verification.of(weights, Progress.SILENT);
      assertThat(verification.faults()).isEmpty();
      assertThat(verification.hash()).isEqualTo(weights.hash());
    }
  }

  @Test
  void faultsAreNamed() throws IOException {
    Map<String, TinyModel.Values> all = new LinkedHashMap<>(tiny.huggingFace);
    all.put("ln_f.weight", new TinyModel.Values(new long[] {6}, new float[6]));
    float[] broken = {1, Float.NaN, Float.POSITIVE_INFINITY, 0, 0, 0};
    all.put("h.0.ln_1.bias", new TinyModel.Values(new long[] {6}, broken));
    all.put("lm_head.weight", new TinyModel.Values(new long[] {11, 6}, new float[66]));
    try (Gpt2Weights weights = open("broken", tiny.huggingFaceConfig(), all)) {
      assertThat(Verification.of(weights, Progress.SILENT).faults())
          .containsExactlyInAnyOrder(
              "'ln_f.weight' is all zero: nothing passes this layer norm",
              "'h.0.ln_1.bias' has 1 elements that are NaN and 1 that are infinite",
              "'lm_head.weight' differs from the token embedding in row 0, though the"
                  + " configuration ties them; the embedding counts");
    }
  }

  @Test
  void oneModelUnderTwoNamingsDoesNotDiffer() throws IOException {
    try (Gpt2Weights hf = original();
        Gpt2Weights lens = open("lens", tiny.transformerLensConfig(), tiny.transformerLens())) {
      assertThat(Difference.between(hf, lens, Progress.SILENT)).isEmpty();
    }
  }

  @Test
  void equalWeightsThatComputeAnotherThingDiffer() throws IOException {
    String config = tiny.huggingFaceConfig();
    String other = config.replace("\"n_head\": 3", "\"n_head\": 2").replace("gelu_new", "relu");
    try (Gpt2Weights one = original();
        Gpt2Weights two = open("heads", other, tiny.huggingFace)) {
      assertThat(Difference.between(one, two, Progress.SILENT))
          .extracting(Difference::part)
          .containsExactly("config.heads", "config.activation", "config.attention_scale");
    }
  }

  @Test
  void aDifferenceSaysWhereAndByHowMuch() throws IOException {
    Map<String, TinyModel.Values> all = new LinkedHashMap<>(tiny.huggingFace);
    float[] changed = tiny.values("h.1.mlp.c_proj.bias").clone();
    float before = changed[2];
    changed[2] = before + 0.5f;
    all.put("h.1.mlp.c_proj.bias", new TinyModel.Values(new long[] {6}, changed));
    try (Gpt2Weights one = original();
        Gpt2Weights other = open("changed", tiny.huggingFaceConfig(), all)) {
      assertThat(Difference.between(one, other, Progress.SILENT))
          .singleElement()
          .satisfies(difference -> {
            assertThat(difference.part()).isEqualTo("h.1.mlp.out.bias");
            assertThat(difference.what()).startsWith("differs in 1 of 6 elements, by at most");
            assertThat(difference.greatest()).isEqualTo(Math.abs((double) changed[2] - before));
          });
    }
  }
}
