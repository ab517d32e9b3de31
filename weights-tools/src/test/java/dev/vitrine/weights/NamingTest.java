package dev.vitrine.weights;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.kernels.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One model under any names is one model; what is missing, surplus or misshapen has its line. */
class NamingTest {

  private final TinyModel tiny = new TinyModel();
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "transformer."})
  void huggingFace(String prefix) throws IOException {
    Files.writeString(folder.resolve("config.json"), tiny.huggingFaceConfig());
    tiny.writeHuggingFace(folder.resolve("model.safetensors"), prefix);
    try (Gpt2Weights weights = Gpt2Weights.open(folder)) {
      assertThat(weights.config()).isEqualTo(tiny.config());
      assertThat(weights.unembedding()).isNull();
      assertThat(weights.unembeddingBias()).isNull();
      assertIsTiny(weights);
    }
  }

  @Test
  void transformerLens() throws IOException {
    try (Gpt2Weights weights = openTransformerLens(all -> {})) {
      assertIsTiny(weights);
      Source unembedding = requireNonNull(weights.unembedding());
      assertThat(elements(unembedding)).isEqualTo(tiny.values("wte.weight"));
      assertThat(weights.unembeddingBias()).isEqualTo(new double[TinyModel.VOCAB]);
    }
  }

  private Gpt2Weights openTransformerLens(Consumer<Map<String, TinyModel.Values>> change)
      throws IOException {
    Map<String, TinyModel.Values> all = tiny.transformerLens();
    change.accept(all);
    Files.writeString(folder.resolve("tl_config.json"), tiny.transformerLensConfig());
    TinyModel.write(folder.resolve("model.safetensors"), all);
    return Gpt2Weights.open(folder);
  }

  private void assertIsTiny(Gpt2Weights weights) {
    assertThat(elements(weights.tokenEmbedding())).isEqualTo(tiny.values("wte.weight"));
    assertThat(elements(requireNonNull(weights.positionEmbedding())))
        .isEqualTo(tiny.values("wpe.weight"));
    for (int layer = 0; layer < TinyModel.LAYERS; layer++) {
      String block = "h." + layer + ".";
      assertThat(elements(weights.qkv(layer))).isEqualTo(tiny.values(block + "attn.c_attn.weight"));
      assertThat(elements(weights.attentionOutput(layer)))
          .isEqualTo(tiny.values(block + "attn.c_proj.weight"));
      assertThat(elements(weights.mlpIn(layer))).isEqualTo(tiny.values(block + "mlp.c_fc.weight"));
      assertThat(elements(weights.mlpOut(layer)))
          .isEqualTo(tiny.values(block + "mlp.c_proj.weight"));
      assertVector(weights.qkvBias(layer), block + "attn.c_attn.bias");
      assertVector(weights.attentionOutputBias(layer), block + "attn.c_proj.bias");
      assertVector(weights.mlpInBias(layer), block + "mlp.c_fc.bias");
      assertVector(weights.mlpOutBias(layer), block + "mlp.c_proj.bias");
      assertVector(weights.ln1Gain(layer), block + "ln_1.weight");
      assertVector(weights.ln1Bias(layer), block + "ln_1.bias");
      assertVector(weights.ln2Gain(layer), block + "ln_2.weight");
      assertVector(weights.ln2Bias(layer), block + "ln_2.bias");
    }
    assertVector(weights.finalGain(), "ln_f.weight");
    assertVector(weights.finalBias(), "ln_f.bias");
  }

  private void assertVector(double[] actual, String name) {
    float[] expected = tiny.values(name);
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isEqualTo((double) expected[i]);
    }
  }

  /** Row by row from the last to the first, in two parts, so that a cached block must move. */
  private static float[] elements(Source source) {
    float[] all = new float[source.rows() * source.columns()];
    for (int row = source.rows() - 1; row >= 0; row--) {
      int half = source.columns() / 2;
      source.read(row, half, source.columns() - half, all, row * source.columns() + half);
      source.read(row, 0, half, all, row * source.columns());
    }
    return all;
  }

  @Test
  void normsWithoutGainAndBiasHaveGainOneAndBiasZero() throws IOException {
    try (Gpt2Weights weights =
        openTransformerLens(all -> all.keySet().removeIf(name -> name.contains("ln")))) {
      assertThat(weights.ln1Gain(1)).containsOnly(1).hasSize(TinyModel.D_MODEL);
      assertThat(weights.finalBias()).containsOnly(0).hasSize(TinyModel.D_MODEL);
    }
  }

  @Test
  void masksAndBuffersOfOldFilesAreIgnored() throws IOException {
    Files.writeString(folder.resolve("config.json"), tiny.huggingFaceConfig());
    Map<String, TinyModel.Values> all = new LinkedHashMap<>(tiny.huggingFace);
    all.put("h.0.attn.bias", new TinyModel.Values(new long[] {1, 1, 5, 5}, new float[25]));
    all.put("h.1.attn.masked_bias", new TinyModel.Values(new long[] {}, new float[1]));
    TinyModel.write(folder.resolve("model.safetensors"), all);
    Gpt2Weights.open(folder).close();
    openTransformerLens(more ->
            more.put("blocks.0.attn.IGNORE", new TinyModel.Values(new long[0], new float[1])))
        .close();
  }

  @Test
  void aTiedModelMayStoreItsUnembeddingToo() throws IOException {
    Files.writeString(folder.resolve("config.json"), tiny.huggingFaceConfig());
    Map<String, TinyModel.Values> all = new LinkedHashMap<>(tiny.huggingFace);
    all.put("lm_head.weight", requireNonNull(all.get("wte.weight")));
    TinyModel.write(folder.resolve("model.safetensors"), all);
    try (Gpt2Weights weights = Gpt2Weights.open(folder)) {
      assertThat(weights.unembedding()).isNull();
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    refuses(
        all -> all.remove("h.1.ln_2.bias"), "lacks 'h.1.ln_2.bias'; the checkpoint is incomplete");
    refuses(
        all -> all.keySet().removeIf(name -> name.startsWith("h.1.")),
        "lacks 'h.1.ln_1.weight', 'h.1.ln_1.bias', 'h.1.attn.c_attn.weight' and 9 more tensors");
    refuses(Map::clear, "holds only 0 tensors, but the configuration says 2 layers");
  }

  @Test
  void whatIsSurplusIsNamed() {
    TinyModel.Values vector = new TinyModel.Values(new long[] {6}, new float[6]);
    refuses(
        all -> all.put("h.2.ln_1.weight", vector),
        "holds 'h.2.ln_1.weight', which this GPT-2 does not have");
    refuses(all -> all.put("score.weight", vector), "holds 'score.weight', which");
  }

  @Test
  void aWrongShapeIsNamed() {
    refuses(
        all -> all.put("h.0.ln_1.bias", new TinyModel.Values(new long[] {1, 6}, new float[6])),
        "'h.0.ln_1.bias' has shape [1, 6], but the configuration says [6]");
    refuses(
        all -> all.put("wte.weight", new TinyModel.Values(new long[] {12, 6}, new float[72])),
        "'wte.weight' has shape [12, 6], but the configuration says [11, 6]");
  }

  private void refuses(Consumer<Map<String, TinyModel.Values>> change, String line) {
    Map<String, TinyModel.Values> all = new LinkedHashMap<>(tiny.huggingFace);
    change.accept(all);
    Path file = folder.resolve("model.safetensors");
    TinyModel.write(file, all);
    assertThatThrownBy(
            () -> {
              Files.writeString(folder.resolve("config.json"), tiny.huggingFaceConfig());
              Gpt2Weights.open(folder);
            })
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(line);
  }
}
