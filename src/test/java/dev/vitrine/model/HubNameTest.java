package dev.vitrine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.golden.GoldenCase;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.Hub;
import dev.vitrine.weights.hub.HubSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A name that is no path means a model in the Hugging Face cache, which alone is asked. */
class HubNameTest {
  private static final Path MODEL = GoldenCase.root().resolve("formats/sf_f32");
  private static final String COMMIT = "0123456789".repeat(4);

  @TempDir Path cache;
  private Supplier<Hub> hub =
      () -> {
        throw new AssertionError("no hub yet");
      };

  @BeforeEach
  void fill() throws IOException {
    // Whatever asked the network would fail: nobody listens at this port.
    HubSettings settings =
        HubSettings.ofEnvironment().withCache(cache).withEndpoint("http://127.0.0.1:9");
    hub = () -> new Hub(settings);
    put("models--gpt2", "main");
    put("models--org--tiny", "v1");
  }

  private void put(String folder, String revision) throws IOException {
    Path snapshot =
        Files.createDirectories(cache.resolve(folder).resolve("snapshots").resolve(COMMIT));
    Path refs = Files.createDirectories(cache.resolve(folder).resolve("refs"));
    Files.writeString(refs.resolve(revision), COMMIT);
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(MODEL.resolve(file), snapshot.resolve(file));
    }
  }

  @Test
  void aNameIsFoundInTheCache() {
    for (String name : new String[] {"gpt2", "org/tiny@v1", "gpt2@" + COMMIT}) {
      try (ModelFiles files = ModelFiles.find(name, hub);
          Gpt2Weights original = Gpt2Weights.open(MODEL)) {
        assertThat(files.weights().hash()).as(name).isEqualTo(original.hash());
      }
    }
  }

  @Test
  void whatIsNotThereIsSaidAndNotFetched() {
    for (String name : new String[] {"gpt2-medium", "org/tiny", "gpt2@v2"}) {
      assertThatThrownBy(() -> ModelFiles.find(name, hub))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("./vitrine weights fetch " + name + ",");
    }
    assertThatThrownBy(() -> ModelFiles.find("../gpt2", hub))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("no such model")
        .hasMessageNotContaining("fetch");
  }

  @Test
  void aHalfFetchedModelIsNone() throws IOException {
    Files.delete(cache.resolve("models--gpt2/snapshots").resolve(COMMIT).resolve("config.json"));
    assertThatThrownBy(() -> ModelFiles.find("gpt2", hub))
        .hasMessageContaining("./vitrine weights fetch gpt2");
  }

  @Test
  void aPathComesFirst() {
    // Any name of two words may be a path too; one that exists is meant as one.
    String path = "src";
    assertThat(Files.exists(Path.of(path)) || Files.exists(Path.of("main"))).isTrue();
    String there = Files.exists(Path.of(path)) ? path : "main";
    assertThatThrownBy(() -> ModelFiles.find(there, hub)).hasMessageContaining("has no weights");
  }
}
