package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.UnderTest;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The built-in model on the software driver: what one sees is what one sees on a processor. */
@Tag("software-cuda")
class CudaTest {
  private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

  @BeforeAll
  static void require() {
    assertThat(UnderTest.backends()).containsExactly("cuda");
  }

  private static String fingerprint(String backend) {
    try (Gpt2 model = Gpt2.load("embedded", Backends.open(backend, 0))) {
      return model.trace(PROMPT).fingerprint();
    }
  }

  @Test
  void everySiteHasTheBitsOfTheProcessor() {
    assertThat(fingerprint("cuda")).isEqualTo(fingerprint("scalar"));
  }

  @Test
  void theScreenIsTheSameButForTheBackendsName() {
    Run cuda = Run.of("look", PROMPT, "--backend", "cuda");
    assertThat(cuda.err()).isEmpty();
    assertThat(cuda.out()).contains("8 heads · cuda");
    assertThat(cuda.out().replace("cuda", "").replaceAll(" +", " "))
        .isEqualTo(
            Run.of("look", PROMPT, "--backend", "scalar")
                .out()
                .replace("scalar", "")
                .replaceAll(" +", " "));
    assertThat(cuda.code()).isZero();
  }

  @Test
  void aTextIsContinuedAsOnTheProcessor() {
    String[] words = {"generate", PROMPT, "--max-new", "6", "--seed", "3", "--backend"};
    assertThat(Run.of(with(words, "cuda")).out()).isEqualTo(Run.of(with(words, "scalar")).out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda-bf16", "cuda-f16"})
  void onTensorCoresTheScreenIsMuchTheSame(String name) {
    Run look = Run.of("look", PROMPT, "--backend", name, "--json");
    assertThat(look.code()).as(look.err()).isZero();
    JsonNode first = look.json().get("predictions").get(0);
    JsonNode expected =
        Run.of("look", PROMPT, "--backend", "scalar", "--json").json().get("predictions").get(0);
    assertThat(look.json().get("backend").asText()).isEqualTo(name);
    assertThat(first.get("token")).isEqualTo(expected.get("token"));
    assertThat(first.get("logit").asDouble())
        .isNotEqualTo(expected.get("logit").asDouble())
        .isCloseTo(expected.get("logit").asDouble(), within(0.1));
  }

  @Test
  void divergeFindsItIdenticalWithTheProcessor() {
    Run run = Run.of("diverge", PROMPT, "--backends", "simd,cuda", "--json");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = run.json();
    assertThat(json.get("left").asText()).isEqualTo("simd");
    assertThat(json.get("right").asText()).isEqualTo("cuda");
    assertThat(json.get("first").isNull()).isTrue();
    assertThat(json.get("fault").isNull()).isTrue();
    assertThat(json.get("parts"))
        .hasSizeGreaterThan(50)
        .allSatisfy(part -> assertThat(part.get("differing").asLong()).isZero());
  }

  @Test
  void divergeFindsWhatWasPlantedInIt(@TempDir Path folder) {
    Path file = folder.resolve("planted.safetensors");
    String[] planted = {"--scale", "blocks.1.hook_mlp_out[position=4]=1.001"};
    assertThat(
            Run.of("dump", PROMPT, "--backend", "cuda", planted[0], planted[1], "--out", file + "")
                .code())
        .isZero();
    Run run = Run.of("diverge", PROMPT, "--backend", "simd", "--dump", file + "", "--json");
    assertThat(run.code()).as(run.err()).isEqualTo(1);
    JsonNode json = run.json();
    assertThat(json.get("first").get("site").asText()).isEqualTo("blocks.1.hook_mlp_out");
    assertThat(json.get("fault").get("site").asText()).isEqualTo("blocks.1.hook_mlp_out");
    assertThat(json.get("faulty_side").asText()).isEqualTo("planted.safetensors");
  }

  private static String[] with(String[] words, String last) {
    String[] all = java.util.Arrays.copyOf(words, words.length + 1);
    all[words.length] = last;
    return all;
  }

  @Test
  void theDoctorNamesTheDevice() {
    Run doctor = Run.of("doctor");
    assertThat(doctor.out().replaceAll("\\s+", " "))
        .contains("cuda Software CUDA device (CPU, tests only), compute capability 8.0, CUDA 12.6")
        .contains("products of bf16 on tensor cores: other bits, and tried on no GPU yet");
  }
}
