package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Golden;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.convert.GgufExport;
import dev.vitrine.weights.convert.GgufExport.Vocabulary;
import dev.vitrine.weights.convert.HuggingFaceExport;
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

  private static final Vocabulary NONE = new Vocabulary(List.of(), List.of());

  @TempDir Path folder;

  private static Gpt2Weights golden(String name) {
    return Gpt2Weights.open(Golden.folder("formats").resolve(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sf_f32", "sf_untied", "sf_bf16", "bin_views", "gguf_f16", "gguf_q8_0"})
  void toHuggingFaceAndToGgufAndBack(String name) {
    try (Gpt2Weights original = golden(name)) {
      HuggingFaceExport.write(original, folder.resolve("hf"), Dtype.F32);
      GgufExport.write(original, folder.resolve("x.gguf"), Dtype.F32, Vocabulary.of(original));
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
  @EnumSource(names = {"F16", "Q8_0"})
  void ggufEqualsThatOfLlamaCppsConverter(Dtype dtype) {
    String theirs = dtype == Dtype.F16 ? "gguf_f16" : "gguf_q8_0";
    try (Gpt2Weights original = golden("sf_f32");
        Gpt2Weights expected = golden(theirs)) {
      GgufExport.write(original, folder.resolve("x.gguf"), dtype, NONE);
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
      assertThatThrownBy(() -> GgufExport.write(relu, folder.resolve("x.gguf"), Dtype.F32, NONE))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("which GGUF cannot say; write safetensors");
    }
  }
}
