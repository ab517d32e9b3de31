package dev.vitrine.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be wrong with the directory of a model. */
class DirectoryTest {

  @TempDir Path folder;
  private TinyModel tiny;

  @BeforeEach
  void writeModel() throws IOException {
    tiny = new TinyModel();
    Files.writeString(folder.resolve("config.json"), tiny.huggingFaceConfig());
    tiny.writeHuggingFace(folder.resolve("model.safetensors"), "transformer.");
  }

  @Test
  void opensTheDirectoryOrTheFileInIt() {
    try (Gpt2Weights whole = Gpt2Weights.open(folder);
        Gpt2Weights file = Gpt2Weights.open(folder.resolve("model.safetensors"))) {
      assertThat(whole.config()).isEqualTo(file.config());
      assertThat(whole.hash()).isEqualTo(file.hash());
    }
  }

  @Test
  void opensFromMemory() throws IOException {
    byte[] config = Files.readAllBytes(folder.resolve("config.json"));
    byte[] weights = Files.readAllBytes(folder.resolve("model.safetensors"));
    try (Gpt2Weights memory = Gpt2Weights.open("embedded", config, weights);
        Gpt2Weights disk = Gpt2Weights.open(folder)) {
      assertThat(memory.hash()).isEqualTo(disk.hash());
      assertThat(memory.finalGain()).isEqualTo(disk.finalGain());
    }
  }

  @Test
  void theHashTellsModelsApart() throws IOException {
    String before;
    try (Gpt2Weights weights = Gpt2Weights.open(folder)) {
      before = weights.hash();
    }
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    try (Gpt2Weights weights = Gpt2Weights.open(folder)) {
      assertThat(weights.hash()).isNotEqualTo(before);
    }
  }

  @Test
  void thereIsNoDirectory() {
    refuses(folder.resolve("nowhere"), "there is no such directory; check the path");
  }

  @Test
  void theConfigurationIsMissing() throws IOException {
    Files.delete(folder.resolve("config.json"));
    refuses(folder, "has no config.json or tl_config.json");
    refuses(folder.resolve("model.safetensors"), "has no config.json or tl_config.json");
  }

  @Test
  void theWeightsAreMissing() throws IOException {
    Files.delete(folder.resolve("model.safetensors"));
    refuses(folder, "has no weights (such as model.safetensors");
  }

  @Test
  void theConfigurationIsEmptyOrBrokenOrHuge() throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(config, "");
    refuses(folder, "config.json: is empty (0 bytes)");
    Files.writeString(config, "{\"n_layer\": 1");
    refuses(folder, "config.json: is broken JSON");
    Files.writeString(config, " ".repeat((1 << 20) + 1));
    refuses(folder, "config.json: is too large for a configuration");
    Files.delete(config);
    Files.createDirectory(config);
    refuses(folder, "config.json: is a directory, not a file");
  }

  @Test
  void theWeightsAreADirectory() throws IOException {
    Files.delete(folder.resolve("model.safetensors"));
    Files.createDirectory(folder.resolve("model.safetensors"));
    refuses(folder, "model.safetensors: is a directory, not a file");
  }

  @Test
  void theWeightsAreEmpty() throws IOException {
    Files.write(folder.resolve("model.safetensors"), new byte[0]);
    refuses(folder, "model.safetensors: is empty (0 bytes); fetch it again");
  }

  @Test
  void theWeightsAreHalfWritten() throws IOException {
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    refuses(folder, "the file is truncated: fetch it again");
    Files.write(file, Arrays.copyOf(bytes, 100));
    refuses(folder, "ends inside its header");
  }

  @Test
  void theWeightsAreAPointer() throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors"),
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 548105171\n");
    refuses(folder, "model.safetensors: is a Git LFS pointer, not the weights; run 'git lfs pull'");
  }

  @Test
  void aClosedModelSaysSo() {
    Gpt2Weights weights = Gpt2Weights.open(folder);
    weights.close();
    assertThatThrownBy(weights::finalGain)
        .isInstanceOf(WeightsException.class)
        .hasMessageEndingWith("model.safetensors: is closed already; open it again");
    assertThat(weights.config().layers()).isEqualTo(tiny.config().layers());
  }

  @Test
  void aFileMayShrinkWhileItIsRead() throws IOException {
    try (Gpt2Weights weights = Gpt2Weights.open(folder)) {
      Files.write(folder.resolve("model.safetensors"), new byte[1]);
      assertThatThrownBy(weights::finalGain).isInstanceOf(WeightsException.class);
    }
  }

  private static void refuses(Path path, String line) {
    assertThatThrownBy(() -> Gpt2Weights.open(path))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(line)
        .hasMessageMatching("[^\n]*");
  }
}
