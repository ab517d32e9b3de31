package dev.vitrine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation in single precision is its definition in double precision, but for rounding. */
final class AgainstReferenceTest {
  /** Relative to a result's largest element. */
  private static final double TOLERANCE = 2e-6;

  @ParameterizedTest
  @MethodSource("dev.vitrine.kernels.UnderTest#singlePrecision")
  void everyOperationIsItsDefinition(String name) {
    try (Backend backend = Backends.open(name, 2);
        Backend reference = Backends.open("reference", 2)) {
      for (long seed = 20; seed < 23; seed++) {
        Map<String, float[]> actual = Suite.run(backend, seed);
        Suite.run(reference, seed)
            .forEach((what, expected) ->
                assertClose(what, expected, Objects.requireNonNull(actual.get(what))));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.vitrine.kernels.UnderTest#singlePrecision")
  void numbersAndNaNsStandWhereTheDefinitionHasThem(String name) {
    try (Backend backend = Backends.open(name, 1);
        Backend reference = Backends.open("reference", 1)) {
      Map<String, float[]> actual = Suite.runSpecial(backend, 30);
      Suite.runSpecial(reference, 30)
          .forEach((what, expected) -> {
            // squares of huge numbers overflow in single precision alone
            if (!what.contains("layerNorm")) {
              assertThat(finite(Objects.requireNonNull(actual.get(what))))
                  .as(what)
                  .isEqualTo(finite(expected));
            }
          });
    }
  }

  private static void assertClose(String what, float[] expected, float[] actual) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double largest = 0;
    for (float x : expected) {
      largest = Float.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest;
    }
    for (int i = 0; i < expected.length; i++) {
      if (Float.isFinite(expected[i])) {
        assertThat(Math.abs(actual[i] - expected[i]))
            .as("%s, element %d: %s, expected %s", what, i, actual[i], expected[i])
            .isLessThanOrEqualTo((float) (TOLERANCE * largest));
      } else {
        assertThat(actual[i]).as(what).isEqualTo(expected[i]);
      }
    }
  }

  private static String finite(float[] numbers) {
    StringBuilder kinds = new StringBuilder();
    for (float x : numbers) {
      kinds.append(Float.isNaN(x) ? "NaN " : Float.isInfinite(x) ? x + " " : "number ");
    }
    return kinds.toString();
  }
}
