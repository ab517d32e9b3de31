package dev.vitrine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;

/** Compares all that two backends compute, bit by bit. */
public final class SameBits {
  private SameBits() {}

  /** Fails unless every operation of both gives the same bits, over the shapes of {@link Suite}. */
  public static void assertSame(Backend expected, Backend actual, long seed) {
    assertSame(Suite.run(expected, seed), Suite.run(actual, seed));
    assertSame(Suite.runDecoding(expected, seed), Suite.runDecoding(actual, seed));
    assertSame(Suite.runReduced(expected, seed), Suite.runReduced(actual, seed));
    assertSame(Suite.runSpecial(expected, seed), Suite.runSpecial(actual, seed));
  }

  private static void assertSame(Map<String, float[]> expected, Map<String, float[]> actual) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((what, numbers) ->
        assertThat(Numbers.bits(Objects.requireNonNull(actual.get(what))))
            .as(what)
            .isEqualTo(Numbers.bits(numbers)));
  }
}
