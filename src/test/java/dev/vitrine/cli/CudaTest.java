package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.UnderTest;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

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

  private static String[] with(String[] words, String last) {
    String[] all = java.util.Arrays.copyOf(words, words.length + 1);
    all[words.length] = last;
    return all;
  }

  @Test
  void theDoctorNamesTheDevice() {
    Run doctor = Run.of("doctor");
    assertThat(doctor.out().replaceAll("\\s+", " "))
        .contains("cuda Software CUDA device (CPU, tests only), compute capability 8.0, CUDA 12.6");
  }
}
