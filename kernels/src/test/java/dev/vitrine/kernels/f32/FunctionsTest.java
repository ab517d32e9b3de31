package dev.vitrine.kernels.f32;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The greatest error of each approximation, in units of the last place of the true value, and the
 * float at which it stands. They were found by going through every float of the domain ({@code
 * -Dvitrine.ulps=whole} does it again, within two minutes on two cores); an ordinary run visits one
 * of every 31 neighbours, and that float and all around it.
 */
final class FunctionsTest {
  private static final int REACH = 1 << 12;

  interface FloatFunction {
    float of(float x);
  }

  /** An approximation and what is known of it. */
  @SuppressWarnings("ImmutableEnumChecker") // they are functions of their argument alone
  enum Gate {
    EXP(Functions::exp, Math::exp, 0x1p-26f, -105, 90, 0.9091, 0x1.4cc98p2f),
    SIGMOID(Functions::sigmoid, Gate::sigmoid, 0x1p-26f, -105, 20, 2.4019, -0x1.0a111ap2f),
    TANH(Functions::tanh, Math::tanh, 0x1p-13f, -10, 10, 1.3622, -0x1.429024p-1f),
    LOG(Functions::log, Math::log, 1, -0f, Float.MAX_VALUE, 2.8446, 0x1.21bd82p0f),
    TAIL(
        Functions::tail, NormalTail::at, 0x1p-26f, -0f, Functions.TAIL_MAX, 4.1547, 0x1.9d1d9ap-5f),
    GELU(of(Activation.GELU), Gate::gelu, 0x1p-26f, -15, 6, 8.9684, -0x1.a3329ep3f),
    GELU_NEAR(of(Activation.GELU), Gate::gelu, 0x1p-26f, -3, 3, 4.7220, 0x1.e87792p-5f),
    GELU_NEW(of(Activation.GELU_NEW), Gate::geluByTanh, 0x1p-26f, -11, 6, 213.9361, -0x1.4150cp3f),
    GELU_NEW_NEAR(
        of(Activation.GELU_NEW), Gate::geluByTanh, 0x1p-26f, -3, 3, 13.4503, -0x1.7f58p1f),
    QUICK_GELU(
        of(Activation.QUICK_GELU), Gate::quickGelu, 0x1p-26f, -64, 12, 110.2243, -0x1.a9f09ep5f),
    QUICK_GELU_NEAR(
        of(Activation.QUICK_GELU), Gate::quickGelu, 0x1p-26f, -3, 3, 7.0322, -0x1.4d8bc6p1f),
    SILU(of(Activation.SILU), Gate::silu, 0x1p-26f, -110, 20, 52.0139, -0x1.9fe368p6f),
    SILU_NEAR(of(Activation.SILU), Gate::silu, 0x1p-26f, -3, 3, 3.1318, -0x1.e572b8p0f);

    private final FloatFunction actual;
    private final DoubleUnaryOperator exact;
    private final float least;
    private final float low;
    private final float high;
    private final double greatest;
    private final float where;

    /**
     * An approximation.
     *
     * @param least nearer to zero than it, and beyond {@code low} and {@code high}, the function is
     *     a constant, its argument or a half of it; floats are still visited there, but fewer
     * @param greatest the greatest error in units of the last place
     * @param where it stands
     */
    Gate(
        FloatFunction actual,
        DoubleUnaryOperator exact,
        float least,
        float low,
        float high,
        double greatest,
        float where) {
      this.actual = actual;
      this.exact = exact;
      this.least = least;
      this.low = low;
      this.high = high;
      this.greatest = greatest;
      this.where = where;
    }

    private static FloatFunction of(Activation activation) {
      return x -> Functions.activate(activation, x);
    }

    private static double sigmoid(double x) {
      return 1 / (1 + Math.exp(-x));
    }

    private static double silu(double x) {
      return x * sigmoid(x);
    }

    private static double quickGelu(double x) {
      return x * sigmoid(1.702 * x);
    }

    private static double geluByTanh(double x) {
      return x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));
    }

    private static double gelu(double x) {
      return x * (x < 0 ? NormalTail.at(-x) : 1 - NormalTail.at(x));
    }

    /** Whether x is a number in the part of the function that this gate is about. */
    boolean knows(float x) {
      return switch (this) {
        case LOG -> x >= 1 && Float.isFinite(x);
        case TAIL -> x >= 0;
        case GELU_NEAR, GELU_NEW_NEAR, QUICK_GELU_NEAR, SILU_NEAR -> Math.abs(x) <= 3;
        default -> Float.isFinite(x);
      };
    }

    /** In units of the last place that a float has where the true value lies. */
    private static double error(float actual, double exact) {
      if (Double.isNaN(exact) || Float.isNaN(actual)) {
        return Double.isNaN(exact) == Float.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
      }
      if (Float.isInfinite((float) exact) || Float.isInfinite(actual)) {
        return actual == (float) exact ? 0 : Double.POSITIVE_INFINITY;
      }
      int exponent = Math.max(Math.getExponent(exact), Float.MIN_EXPONENT);
      return Math.scalb(Math.abs(actual - exact), Float.PRECISION - 1 - exponent);
    }

    private Worst worst(float... floats) {
      Worst worst = new Worst(0, 0);
      for (float x : floats) {
        if (!knows(x)) {
          continue;
        }
        double error = error(actual.of(x), exact.applyAsDouble(x));
        if (!(error <= worst.error)) {
          worst = new Worst(error, x);
        }
      }
      return worst;
    }
  }

  private record Worst(double error, float where) {
    Worst or(Worst other) {
      return error >= other.error ? this : other;
    }

    @Override
    public String toString() {
      return "%.4f ulp at %s (%a)".formatted(error, where, where);
    }
  }

  @ParameterizedTest
  @EnumSource
  void noErrorIsGreaterThanTheGreatestKnown(Gate gate) {
    Worst known = gate.worst(gate.where);
    Worst nearby = gate.worst(Floats.near(gate.where, REACH));
    Worst found =
        Floats.around(gate.least, gate.low, gate.high)
            .map(gate::worst)
            .reduce(known.or(nearby), Worst::or);
    System.out.printf("%-16s greatest error %s%n", gate, found);
    assertThat(known.error).as(gate.name()).isCloseTo(gate.greatest, within(6e-5));
    assertThat(found.error).as("%s: %s", gate, found).isLessThan(gate.greatest + 6e-5);
  }

  /** So is what lies nearer to zero and further out, where each is a line. */
  @ParameterizedTest
  @EnumSource
  void noErrorIsGreaterAnywhere(Gate gate) {
    Worst found = new Worst(0, 0);
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += 10_007) {
      found = found.or(gate.worst(Float.intBitsToFloat((int) bits)));
    }
    assertThat(found.error).as("%s: %s", gate, found).isLessThan(gate.greatest + 6e-5);
  }

  @Test
  void theNormalTailIsTheReferences() {
    try (Backend reference = Backends.open("reference", 1)) {
      Array array = reference.rows(1, 1);
      double[] number = new double[1];
      for (double a = 0.001; a < 16; a += 0.00917) {
        number[0] = -a;
        reference.write(array, 0, 0, 1, number, 0);
        reference.activate(Activation.GELU, array, array);
        reference.read(array, 0, 0, 1, number, 0);
        assertThat(NormalTail.at(a)).isCloseTo(number[0] / -a, withPercentage(1e-10));
      }
    }
  }
}
