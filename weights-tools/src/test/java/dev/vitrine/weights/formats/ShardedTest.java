package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.TinyModel;
import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An index names files beside it, all of them whole, and places every tensor once. */
class ShardedTest {

  @TempDir Path folder;
  private Path index;

  @BeforeEach
  void writeShards() {
    index = folder.resolve("model.safetensors.index.json");
    TinyModel.write(folder.resolve("1.safetensors"), Map.of("a", values(1)));
    TinyModel.write(folder.resolve("2.safetensors"), Map.of("b", values(2)));
  }

  private static TinyModel.Values values(float value) {
    return new TinyModel.Values(new long[] {1}, new float[] {value});
  }

  private Checkpoint open(String map) throws IOException {
    Files.writeString(index, "{\"weight_map\": {" + map.replace('\'', '"') + "}}");
    return Checkpoint.open(index);
  }

  @Test
  void theShardsAreOneCheckpoint() throws IOException {
    try (Checkpoint both = open("'b':'2.safetensors','a':'1.safetensors'")) {
      assertThat(both.tensors()).extracting(StoredTensor::name).containsExactly("b", "a");
      assertThat(both.tensor("a").doubles()).containsExactly(1);
      assertThat(both.format()).isEqualTo("safetensors in 2 files");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../1.safetensors",
        "/etc/passwd",
        "x/../1.safetensors",
        "..",
        ".",
        "",
        "C:1",
        "..\\\\1",
        "a\\u0000b"
      })
  void pathsCannotLeaveTheDirectory(String file) {
    assertThatThrownBy(() -> open("'a':'" + file + "'"))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("which does not lie beside it; it is refused");
  }

  @Test
  void eachFaultHasItsLine() throws IOException {
    assertThatThrownBy(() -> open("'a':'3.safetensors'"))
        .hasMessageEndingWith("3.safetensors: is missing, but the index names it; fetch it");
    assertThatThrownBy(() -> open("'b':'1.safetensors'"))
        .hasMessageEndingWith("1.safetensors: has no tensor 'b'");
    TinyModel.write(folder.resolve("2.safetensors"), Map.of("b", values(2), "a", values(3)));
    assertThatThrownBy(() -> open("'a':'1.safetensors','b':'2.safetensors'"))
        .hasMessageContaining("2.safetensors: holds 'a', which the index does not place there");
    Files.writeString(folder.resolve("2.safetensors"), "");
    assertThatThrownBy(() -> open("'a':'1.safetensors','b':'2.safetensors'"))
        .hasMessageContaining("2.safetensors: is empty");
    Files.writeString(index, "{\"a\": 1}");
    assertThatThrownBy(() -> Checkpoint.open(index)).hasMessageContaining("no weight_map");
  }

  @Test
  void anIndexDoesNotNameItself() {
    assertThatThrownBy(() -> open("'a':'model.safetensors.index.json'"))
        .isInstanceOf(WeightsException.class);
  }
}
