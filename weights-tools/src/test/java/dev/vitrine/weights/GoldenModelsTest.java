package dev.vitrine.weights;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class GoldenModelsTest {

  static List<Path> models() throws IOException {
    if (!Files.isDirectory(Golden.root())) {
      return List.of();
    }
    try (Stream<Path> cases = Files.list(Golden.root())) {
      return cases
          .map(folder -> folder.resolve("model"))
          .filter(folder -> Files.isDirectory(folder) && !folder.toString().contains("tokenizer"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("models")
  void opensWithSourcesOfTheConfigurationsShapes(Path model) {
    try (Gpt2Weights weights = Gpt2Weights.open(model)) {
      Config config = weights.config();
      int attention = config.heads() * config.dHead();
      assertShape(weights.tokenEmbedding(), config.vocab(), config.dModel());
      assertShape(requireNonNull(weights.positionEmbedding()), config.context(), config.dModel());
      for (int layer = 0; layer < config.layers(); layer++) {
        assertShape(weights.qkv(layer), config.dModel(), 3 * attention);
        assertShape(weights.attentionOutput(layer), attention, config.dModel());
        assertThat(weights.qkvBias(layer)).hasSize(3 * attention);
        assertThat(weights.attentionOutputBias(layer)).hasSize(config.dModel());
        if (!config.attentionOnly()) {
          assertShape(weights.mlpIn(layer), config.dModel(), config.dMlp());
          assertShape(weights.mlpOut(layer), config.dMlp(), config.dModel());
          assertThat(weights.mlpInBias(layer)).hasSize(config.dMlp());
          assertThat(weights.mlpOutBias(layer)).hasSize(config.dModel());
          assertThat(weights.ln2Gain(layer)).hasSize(config.dModel());
        }
      }
      assertThat(weights.unembedding() == null).isEqualTo(config.tied());
      if (weights.unembedding() != null) {
        assertShape(weights.unembedding(), config.vocab(), config.dModel());
      }
      assertThat(weights.hash()).matches("[0-9a-f]{64}");
    }
  }

  private static void assertShape(Source source, int rows, int columns) {
    assertThat(List.of(source.rows(), source.columns())).isEqualTo(List.of(rows, columns));
    float[] floats = new float[columns];
    double[] doubles = new double[columns];
    for (int row = 0; row < rows; row++) {
      source.read(row, 0, columns, floats, 0);
      source.read(row, 0, columns, doubles, 0);
      for (int column = 0; column < columns; column++) {
        assertThat((float) doubles[column]).isEqualTo(floats[column]);
      }
    }
  }

  @Test
  void readsWhatConfigurationsSay() {
    assertThat(config("forward_b").dMlp()).isEqualTo(200);
    assertThat(config("edge_epsilon_large").layerNormEpsilon()).isEqualTo(0.1);
    assertThat(config("edge_inverse_layer").scaleByInverseLayer()).isTrue();
    assertThat(config("edge_no_scale").scaleAttention()).isFalse();
    assertThat(config("edge_gelu_exact").activation()).isEqualTo(Activation.GELU);
    assertThat(config("edge_quick_gelu").activation()).isEqualTo(Activation.QUICK_GELU);
    assertThat(config("edge_untied").tied()).isFalse();
    assertThat(config("forward_a").tied()).isTrue();
    assertThat(config("forward_a").eos()).hasValue(0);
    Config toy = config("edge_attn_only");
    assertThat(toy.attentionOnly()).isTrue();
    assertThat(toy.layerNorm()).isFalse();
    assertThat(toy.dHead()).isEqualTo(10);
    assertThat(toy.attentionScale()).isEqualTo(3.1622776601683795);
    assertThat(config("edge_attn_only_ln").layerNorm()).isTrue();
  }

  private static Config config(String golden) {
    try (Gpt2Weights weights = Gpt2Weights.open(Golden.folder(golden + "/model"))) {
      return weights.config();
    }
  }

  @Test
  void gathersTransformerLensMatricesHeadByHead() {
    try (Gpt2Weights weights = Gpt2Weights.open(Golden.folder("edge_attn_only/model"))) {
      Config config = weights.config();
      Source qkv = weights.qkv(1);
      double[] keys = weights.checkpoint().tensor("blocks.1.attn.W_K").doubles();
      double[] unembed = weights.checkpoint().tensor("unembed.W_U").doubles();
      double[] row = new double[qkv.columns()];
      qkv.read(5, 0, row.length, row, 0);
      int head = 2;
      int inHead = 7;
      int column = config.heads() * config.dHead() + head * config.dHead() + inHead;
      assertThat(row[column])
          .isEqualTo(keys[(head * config.dModel() + 5) * config.dHead() + inHead]);
      double[] token = new double[config.dModel()];
      requireNonNull(weights.unembedding()).read(60, 0, token.length, token, 0);
      assertThat(token[3]).isEqualTo(unembed[3 * config.vocab() + 60]);
    }
  }
}
