package dev.vitrine;

import dev.vitrine.kernels.Backends;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/**
 * The backends that tests run on: every one that is here and keeps its promises. In the process
 * whose property {@code vitrine.test.backends} says {@code cuda} it is that one alone, on the
 * software driver that the tests of the kernels have built; tests tagged {@code every-backend} run
 * there too.
 */
public final class UnderTest {
  private UnderTest() {}

  /** So many seeds, but one on the software driver, which is slow. */
  public static IntStream seeds(int count) {
    return IntStream.range(
        0, System.getProperty("vitrine.test.backends", "").isEmpty() ? count : 1);
  }

  /** Their names; skips the test where the software driver is asked for and was not built. */
  public static List<String> backends() {
    String only = System.getProperty("vitrine.test.backends", "");
    List<Backends.Choice> choices =
        Backends.choices().stream()
            .filter(choice -> only.isEmpty() ? choice.automatic() : choice.name().equals(only))
            .toList();
    if (!only.isEmpty()) {
      Backends.Choice choice = choices.getFirst();
      Assumptions.assumeTrue(choice.available(), () -> only + ": " + choice.reason());
    }
    return choices.stream().filter(Backends.Choice::available).map(Backends.Choice::name).toList();
  }
}
