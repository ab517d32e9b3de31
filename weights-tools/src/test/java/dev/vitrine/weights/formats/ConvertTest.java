package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Golden;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.Progress;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.TensorWriter;
import dev.vitrine.weights.TinyModel;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.convert.GgufExport;
import dev.vitrine.weights.convert.GgufExport.Vocabulary;
import dev.vitrine.weights.convert.HuggingFaceExport;
import dev.vitrine.weights.convert.TransformerLensExport;
import dev.vitrine.weights.inspect.Difference;
import dev.vitrine.weights.inspect.Inspection;
import dev.vitrine.weights.npz.NpzWriter;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is converted is the same model: to the bit where the dtype allows. */
@Tag("golden")
class ConvertTest {

  @TempDir Path folder;

  private static Gpt2Weights golden(String name) {
    return Gpt2Weights.open(Golden.folder("formats").resolve(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sf_f32", "sf_untied", "sf_bf16", "bin_views", "gguf_f16", "gguf_q8_0"})
  void toHuggingFaceAndToGgufAndBack(String name) {
    try (Gpt2Weights original = golden(name)) {
      HuggingFaceExport.write(original, folder.resolve("hf"), Dtype.F32);
      GgufExport.write(
          original, folder.resolve("x.gguf"), Dtype.F32, Vocabulary.of(original), Progress.SILENT);
      try (Gpt2Weights hf = Gpt2Weights.open(folder.resolve("hf"));
          Gpt2Weights gguf = Gpt2Weights.open(folder.resolve("x.gguf"))) {
        assertThat(hf.config()).isEqualTo(original.config());
        assertThat(gguf.config()).isEqualTo(original.config());
        assertSame(hf, original);
        assertSame(gguf, original);
        assertThat(Vocabulary.of(gguf)).isEqualTo(Vocabulary.of(original));
      }
    }
  }

  private static void assertSame(Gpt2Weights actual, Gpt2Weights expected) {
    assertThat(GoldenFormatsTest.weights(actual))
        .usingRecursiveComparison()
        .isEqualTo(GoldenFormatsTest.weights(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sf_f32", "sf_untied", "sf_bf16", "bin_views", "gguf_f16", "gguf_q8_0"})
  void toTransformerLensAndToNpzAndBack(String name) throws IOException {
    Path lens = Files.createDirectories(folder.resolve("lens"));
    Path npz = Files.createDirectories(folder.resolve("npz"));
    try (Gpt2Weights original = golden(name)) {
      try (TensorWriter writer = SafetensorsWriter.create(lens.resolve("model.safetensors"))) {
        TransformerLensExport.write(original, writer, Dtype.F32, Progress.SILENT);
      }
      TransformerLensExport.writeConfig(original.config(), lens.resolve("tl_config.json"));
      try (TensorWriter writer = NpzWriter.create(npz.resolve("model.npz"))) {
        HuggingFaceExport.write(original, writer, Dtype.F32, Progress.SILENT);
      }
      HuggingFaceExport.writeConfig(original.config(), npz.resolve("config.json"));
      try (Gpt2Weights one = Gpt2Weights.open(lens);
          Gpt2Weights other = Gpt2Weights.open(npz)) {
        assertThat(Difference.between(one, original, Progress.SILENT)).isEmpty();
        assertThat(Difference.between(other, original, Progress.SILENT)).isEmpty();
        assertThat(other.checkpoint().format()).isEqualTo("npz");
      }
    }
  }

  @Test
  void aModelThatOnlyTransformerLensKnowsStaysWhatItIs() throws IOException {
    for (String toy : List.of("edge_attn_only", "edge_attn_only_ln", "edge_attn_only_nopos")) {
      try (Gpt2Weights original = Gpt2Weights.open(Golden.folder(toy + "/model"))) {
        Path lens = Files.createDirectories(folder.resolve(toy));
        try (TensorWriter writer = SafetensorsWriter.create(lens.resolve("model.safetensors"))) {
          TransformerLensExport.write(original, writer, Dtype.F32, Progress.SILENT);
        }
        TransformerLensExport.writeConfig(original.config(), lens.resolve("tl_config.json"));
        try (Gpt2Weights again = Gpt2Weights.open(lens)) {
          assertThat(again.config()).isEqualTo(original.config());
          assertThat(Difference.between(again, original, Progress.SILENT)).isEmpty();
        }
      }
    }
  }

  @Test
  void whatDoesNotFitIsAnErrorAndNotInfinity() {
    try (Gpt2Weights large = Gpt2Weights.open(Golden.folder("edge_outlier/model"))) {
      double most =
          Inspection.of(large, Progress.SILENT).tensors().stream()
              .mapToDouble(tensor -> Math.max(tensor.most(), -tensor.least()))
              .max()
              .orElseThrow();
      assertThat(most).isBetween(1.0, 65504.0);
      HuggingFaceExport.write(large, folder.resolve("fits"), Dtype.F16);
    }
    TinyModel tiny = new TinyModel();
    TinyModel.Values bias = tiny.huggingFace.get("ln_f.bias");
    bias.elements()[3] = 70000;
    TinyModel.write(folder.resolve("model.safetensors"), tiny.huggingFace);
    HuggingFaceExport.writeConfig(tiny.config(), folder.resolve("config.json"));
    try (Gpt2Weights weights = Gpt2Weights.open(folder.resolve("model.safetensors"))) {
      Path out = folder.resolve("out");
      assertThatThrownBy(() -> HuggingFaceExport.write(weights, out, Dtype.F16))
          .isInstanceOf(WeightsException.class)
          .hasMessage(
              "'transformer.ln_f.bias' has an element 70000.0, which F16 cannot hold; write BF16 or"
                  + " F32");
      assertThat(out).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "Q8_0"})
  void ggufEqualsThatOfLlamaCppsConverter(Dtype dtype) {
    String theirs = dtype == Dtype.F16 ? "gguf_f16" : "gguf_q8_0";
    try (Gpt2Weights original = golden("sf_f32");
        Gpt2Weights expected = golden(theirs)) {
      GgufExport.write(original, folder.resolve("x.gguf"), dtype, Vocabulary.NONE, Progress.SILENT);
      try (Gpt2Weights actual = Gpt2Weights.open(folder.resolve("x.gguf"))) {
        assertSame(actual, expected);
        for (StoredTensor tensor : expected.checkpoint().tensors()) {
          StoredTensor same = actual.checkpoint().tensor(tensor.name());
          assertThat(same.dtype()).isEqualTo(tensor.dtype());
          assertThat(same.shape()).isEqualTo(tensor.shape());
        }
      }
    }
  }

  @Test
  void whatOthersCannotSayIsRefused() {
    try (Gpt2Weights toy = Gpt2Weights.open(Golden.folder("edge_attn_only/model"));
        Gpt2Weights relu = Gpt2Weights.open(Golden.folder("edge_relu/model"))) {
      assertThatThrownBy(() -> HuggingFaceExport.write(toy, folder, Dtype.F32))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("has no MLPs, which Hugging Face cannot say of a GPT-2");
      assertThatThrownBy(() ->
              GgufExport.write(
                  relu, folder.resolve("x.gguf"), Dtype.F32, Vocabulary.NONE, Progress.SILENT))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("which GGUF cannot say; write safetensors");
    }
  }
}
