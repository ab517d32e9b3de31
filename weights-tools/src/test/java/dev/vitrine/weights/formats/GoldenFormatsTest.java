package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Golden;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One model in every format: its weights are those that the formats' own libraries read. */
@Tag("golden")
class GoldenFormatsTest {

  // Folders without tensors of their own in the case hold the weights of another.
  private static final Map<String, String> SAME_AS =
      Map.of("bin_untied", "sf_untied", "bin_f16", "sf_f16", "bin_bf16", "sf_bf16");

  static List<String> folders() throws IOException {
    Path formats = Golden.root().resolve("formats");
    if (!Files.isDirectory(formats)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(formats)) {
      return all.filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("folders")
  void weightsEqualToTheBit(String folder) {
    Path formats = Golden.folder("formats");
    try (Checkpoint expected = Checkpoint.open(formats.resolve("expected.safetensors"));
        Gpt2Weights weights = Gpt2Weights.open(formats.resolve(folder))) {
      Map<String, float[]> actual = weights(weights);
      List<String> compared = new ArrayList<>();
      String group = group(expected, folder);
      for (StoredTensor tensor : expected.tensors()) {
        if (tensor.name().startsWith(group)) {
          String name = tensor.name().substring(group.length()).replace("transformer.", "");
          assertThat(actual.get(name)).as(name).isEqualTo(tensor.floats());
          compared.add(name);
        }
      }
      assertThat(compared).hasSizeGreaterThanOrEqualTo(actual.size());
    }
  }

  private static String group(Checkpoint expected, String folder) {
    boolean own =
        expected.tensors().stream().anyMatch(t -> t.name().startsWith(folder + "/weights/"));
    return (own ? folder : SAME_AS.getOrDefault(folder, "sf_f32")) + "/weights/";
  }

  /** Under the names of Hugging Face. */
  static Map<String, float[]> weights(Gpt2Weights weights) {
    Map<String, float[]> all = new TreeMap<>();
    Source positions = weights.positionEmbedding();
    Source unembedding = weights.unembedding();
    all.put("wte.weight", elements(weights.tokenEmbedding()));
    if (positions != null) {
      all.put("wpe.weight", elements(positions));
    }
    if (unembedding != null) {
      all.put("lm_head.weight", elements(unembedding));
    }
    int layers = weights.config().layers();
    matrices(all, layers, "attn.c_attn", weights::qkv, weights::qkvBias);
    matrices(all, layers, "attn.c_proj", weights::attentionOutput, weights::attentionOutputBias);
    matrices(all, layers, "mlp.c_fc", weights::mlpIn, weights::mlpInBias);
    matrices(all, layers, "mlp.c_proj", weights::mlpOut, weights::mlpOutBias);
    for (int layer = 0; layer < layers; layer++) {
      all.put("h." + layer + ".ln_1.weight", floats(weights.ln1Gain(layer)));
      all.put("h." + layer + ".ln_1.bias", floats(weights.ln1Bias(layer)));
      all.put("h." + layer + ".ln_2.weight", floats(weights.ln2Gain(layer)));
      all.put("h." + layer + ".ln_2.bias", floats(weights.ln2Bias(layer)));
    }
    all.put("ln_f.weight", floats(weights.finalGain()));
    all.put("ln_f.bias", floats(weights.finalBias()));
    return all;
  }

  private static void matrices(
      Map<String, float[]> all,
      int layers,
      String name,
      IntFunction<Source> matrix,
      IntFunction<double[]> bias) {
    for (int layer = 0; layer < layers; layer++) {
      all.put("h." + layer + "." + name + ".weight", elements(matrix.apply(layer)));
      all.put("h." + layer + "." + name + ".bias", floats(bias.apply(layer)));
    }
  }

  private static float[] elements(Source source) {
    float[] all = new float[source.rows() * source.columns()];
    for (int row = 0; row < source.rows(); row++) {
      source.read(row, 0, source.columns(), all, row * source.columns());
    }
    return all;
  }

  private static float[] floats(double[] doubles) {
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) doubles[i];
    }
    return floats;
  }
}
