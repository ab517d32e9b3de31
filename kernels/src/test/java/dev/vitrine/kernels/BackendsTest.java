package dev.vitrine.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The choice of a backend, and what is said when there is none, or shapes do not fit. */
final class BackendsTest {

  @Test
  void autoIsTheFirstThatIsAvailable() {
    String first =
        Backends.choices().stream()
            .filter(Backends.Choice::available)
            .findFirst()
            .orElseThrow()
            .name();
    try (Backend backend = Backends.open("auto", 0)) {
      assertThat(backend.name()).isEqualTo(first);
    }
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNearest() {
    assertThatThrownBy(() -> Backends.open("simt", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no backend \"simt\"; did you mean \"simd\"?");
  }

  @Test
  void aRefusalHasAReasonAndARemedy() {
    for (Backends.Choice choice : Backends.choices()) {
      assertThat(choice.reason().isEmpty()).isEqualTo(choice.available());
      assertThat(choice.remedy().isEmpty()).isEqualTo(choice.available());
    }
  }

  @Test
  void shapesThatDoNotFitAreNamedBoth() {
    try (Backend backend = Backends.open("auto", 1)) {
      Matrix matrix = backend.pack(Numbers.source(2, 3, new float[6]), 128);
      Array x = backend.rows(4, 5);
      assertThatThrownBy(() -> backend.product(x, matrix, null, backend.rows(4, 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("x is [4, 5], expected [4, 2]");
      assertThatThrownBy(() -> backend.add(x, x, backend.rows(5, 4)))
          .hasMessage("out is [5, 4], expected [4, 5]");
      assertThatThrownBy(() -> backend.read(x, 4, 0, 1, new float[1], 0))
          .hasMessage("rows 4 to 5 of array [4, 5]");
    }
  }
}
