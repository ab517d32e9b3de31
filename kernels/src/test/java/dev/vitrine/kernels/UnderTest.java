package dev.vitrine.kernels;

import dev.vitrine.kernels.cuda.SoftwareCuda;
import java.util.List;
import java.util.stream.Stream;

/**
 * The backends that tests tagged {@code every-backend} run on: those of the processor, or, where
 * the property {@code vitrine.test.backends} says {@code cuda}, that one on the software driver. It
 * needs a process of its own, as a process has one driver.
 */
public final class UnderTest {
  private UnderTest() {}

  /** All of them. */
  public static Stream<String> backends() {
    return isCuda() ? cuda() : Stream.of("reference", "simd", "scalar");
  }

  /** Those that keep the f32 contract. */
  public static Stream<String> singlePrecision() {
    return isCuda() ? cuda() : Stream.of("simd", "scalar");
  }

  private static boolean isCuda() {
    return List.of(System.getProperty("vitrine.test.backends", "").split(",", -1)).contains("cuda");
  }

  private static Stream<String> cuda() {
    SoftwareCuda.require();
    return Stream.of("cuda");
  }
}
