package dev.vitrine.kernels.f32;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The greatest error of each approximation, in units of the last place of the true value, over
 * floats spread evenly over all bit patterns: every exponent, subnormals and both signs.
 */
final class FunctionsTest {
  /** A prime, so that low bits vary; some 400,000 floats are visited. */
  private static final int STRIDE = 10_007;

  private interface FloatFunction {
    float of(float x);
  }

  @Test
  void expIsWithinOnePlace() {
    assertWithin(1.02, "exp", Functions::exp, Math::exp, Double.NEGATIVE_INFINITY);
  }

  @Test
  void sigmoidIsWithinThreePlaces() {
    assertWithin(
        3, "sigmoid", Functions::sigmoid, FunctionsTest::sigmoid, Double.NEGATIVE_INFINITY);
  }

  @Test
  void tanhIsWithinTwoPlaces() {
    assertWithin(2, "tanh", Functions::tanh, Math::tanh, Double.NEGATIVE_INFINITY);
  }

  @Test
  void theTailOfTheNormalDistributionIsWithinFourPlaces() {
    assertWithin(4, "tail", Functions::tail, FunctionsTest::tail, 1e-30);
  }

  @Test
  void logIsWithinThreePlaces() {
    assertWithin(3, "log", Functions::log, Math::log, 1);
  }

  /**
   * Where an argument is multiplied before exp, its rounding counts as often as the argument is
   * large.
   */
  @ParameterizedTest
  @CsvSource({
    "GELU, 5, 8",
    "GELU_NEW, 12, 150",
    "GELU_FAST, 12, 150",
    "QUICK_GELU, 8, 100",
    "SILU, 4, 60",
    "SIGMOID, 3, 3",
    "RELU, 0, 0",
    "TANH, 2, 2"
  })
  void activationsKeepTheirDigits(Activation activation, double near, double anywhere) {
    try (Backend reference = Backends.open("reference", 1)) {
      FloatFunction actual = x -> Functions.activate(activation, x);
      DoubleUnaryOperator expected = x -> activate(reference, activation, x);
      assertWithin(
          near,
          activation + " near 0",
          x -> Math.abs(x) < 3 ? actual.of(x) : 0,
          x -> Math.abs(x) < 3 ? expected.applyAsDouble(x) : 0,
          Double.NEGATIVE_INFINITY);
      assertWithin(anywhere, activation + "", actual, expected, Double.NEGATIVE_INFINITY);
    }
  }

  private static void assertWithin(
      double bound, String name, FloatFunction actual, DoubleUnaryOperator expected, double from) {
    double greatest = 0;
    float where = 0;
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STRIDE) {
      float x = Float.intBitsToFloat((int) bits);
      if (Float.isFinite(x) && x >= from) {
        double error = error(actual.of(x), expected.applyAsDouble(x));
        if (error > greatest) {
          greatest = error;
          where = x;
        }
      }
    }
    System.out.printf("%-20s greatest error %.3f ulp, at %s%n", name, greatest, where);
    assertThat(greatest).as("%s at %s", name, where).isLessThanOrEqualTo(bound);
  }

  private static double error(float actual, double expected) {
    float rounded = (float) expected;
    if (Float.isInfinite(rounded) || actual == rounded) {
      return actual == rounded ? 0 : Double.POSITIVE_INFINITY;
    }
    return Math.abs(actual - expected) / Math.ulp(rounded);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double tail(double a) {
    try (Backend reference = Backends.open("reference", 1)) {
      return activate(reference, Activation.GELU, -a) / -a;
    }
  }

  private static double activate(Backend reference, Activation activation, double x) {
    Array array = reference.rows(1, 1);
    double[] number = {x};
    reference.write(array, 0, 0, 1, number, 0);
    reference.activate(activation, array, array);
    reference.read(array, 0, 0, 1, number, 0);
    return number[0];
  }
}
