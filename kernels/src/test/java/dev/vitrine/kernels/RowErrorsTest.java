package dev.vitrine.kernels;

import static dev.vitrine.kernels.Numbers.bits;
import static dev.vitrine.kernels.Numbers.gaussian;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.kernels.f32.Floats;
import dev.vitrine.kernels.f32.Kernels;
import dev.vitrine.kernels.scalar.ScalarKernels;
import dev.vitrine.kernels.simd.SimdKernels;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Softmax, its logarithm and layer norm of whole rows: within an error of their values in double
 * precision that follows from the steps of {@code kernels/CONTRACT.md}, and alike to the bit from
 * vectors and from plain Java.
 *
 * <p>Errors are counted in units of 2⁻²⁴ of a number: a rounding makes one at most, and each is at
 * most one unit of the number's last place. An element of a row of n goes through at most ⌈n/16⌉
 * additions to its partial sum, of which the first, to zero, is exact, and through four more where
 * the partial sums are folded.
 */
final class RowErrorsTest {
  private static final double UNIT = 0x1p-24;

  /**
   * Of exp and log, from {@code FunctionsTest}; a unit of the last place is two of ours at most.
   */
  private static final double EXP = 2 * 0.9092;

  private static final double LOG = 2 * 2.8447;

  /** Room for products of errors. */
  private static final double AND_SECOND_ORDER = 1 + 1e-3;

  private static final float EPSILON = 1e-5f;

  private static final Kernels SCALAR = new ScalarKernels();
  private static final Kernels SIMD = new SimdKernels();

  /** Where a row begins in its array: nothing may hang on it. */
  private static final int START = 3;

  private static Stream<Row> rows() {
    return IntStream.of(1, 2, 15, 16, 17, 33, 768, 1024, 50257)
        .boxed()
        .flatMap(RowErrorsTest::rows);
  }

  private static Stream<Row> rows(int length) {
    Random random = new Random(length);
    float[] ordinary = gaussian(random, length);
    float[] outlier = changed(ordinary, length / 2, 300);
    float[] denormal = ordinary.clone();
    float[] rising = new float[length];
    for (int c = 0; c < length; c++) {
      denormal[c] *= 1e-40f;
      rising[c] = -104f * c / length;
    }
    return Stream.of(
        row("ordinary numbers", ordinary),
        row("a spread of 30", scaled(ordinary, 30, 0)),
        row("a spread of 1e6", scaled(ordinary, 1e6f, 0)),
        row("a spread of 1e15", scaled(ordinary, 1e15f, 0)),
        row("far from zero", scaled(ordinary, 1, 1000)),
        row("down to where exp ends", rising),
        row("one outlier", outlier),
        row("denormals", denormal),
        row("zeros", new float[length]),
        row("equal numbers", filled(length, 3.1f)),
        row("equal huge numbers", filled(length, -1e15f)),
        row("one -inf", changed(ordinary, length - 1, Float.NEGATIVE_INFINITY)),
        row("all -inf", filled(length, Float.NEGATIVE_INFINITY)),
        row("one +inf", changed(ordinary, 0, Float.POSITIVE_INFINITY)),
        row("one NaN", changed(ordinary, length / 3, Float.NaN)));
  }

  /** A row of one zero has the variance 0, and the root of epsilon as its scale. */
  @Test
  void theRootOfLayerNormIsTheNearestFloat() {
    Stream.of(
            Floats.all(Float.MIN_VALUE, Float.MIN_NORMAL),
            Floats.all(1, 4),
            Floats.between(Float.MIN_NORMAL, Float.MAX_VALUE))
        .forEach(floats ->
            floats.forEach(pieces -> {
              float[] zero = new float[1];
              float[] out = new float[1];
              float[] partials = new float[Kernels.PARTIALS];
              for (float x : pieces) {
                float root =
                    SIMD.layerNorm(zero, 0, 1, zero, 0, zero, 0, x, out, 0, null, 0, partials);
                // of 25 bits, so that their squares are exact
                double below = ((double) root + Math.nextDown(root)) / 2;
                double above = ((double) root + Math.nextUp(root)) / 2;
                if (below * below > x || above * above < x) {
                  throw new AssertionError("the root of %a is not %a".formatted(x, root));
                }
              }
            }));
  }

  @Test
  void softmaxIsWithinItsBound() {
    Worst worst = new Worst("softmax");
    rows().forEach(row -> softmax(row.name, row.numbers, worst));
    worst.check(7.635);
  }

  private static void softmax(String name, float[] row, Worst worst) {
    float[] actual =
        alike(
            (kernels, x, out) -> kernels.softmax(x, START, out, START, row.length, partials()),
            row);
    Exponentials exact = Exponentials.of(row);
    for (int c = 0; c < row.length; c++) {
      double distance = exact.isNothing(c) ? 0 : exact.distance(c);
      // x - max is rounded; exp; the sum's error; the division
      double bound = distance + EXP + exact.sumsError() + 1;
      worst.see(name, c, actual[c], exact.exponential(c) / exact.sum, bound, Float.MIN_NORMAL);
    }
  }

  @Test
  void logSoftmaxIsWithinItsBound() {
    Worst worst = new Worst("log softmax");
    rows().forEach(row -> logSoftmax(row.name, row.numbers, worst));
    worst.check(1.173);
  }

  private static void logSoftmax(String name, float[] row, Worst worst) {
    float[] actual =
        alike(
            (kernels, x, out) -> kernels.logSoftmax(x, START, out, START, row.length, partials()),
            row);
    Exponentials exact = Exponentials.of(row);
    double log = Math.log(exact.sum);
    for (int c = 0; c < row.length; c++) {
      double distance = exact.distance(c);
      double out = -distance - log;
      // Absolute: an error of the sum is as large in its logarithm, however small that may be.
      double bound = distance + exact.sumsError() + LOG * log + Math.abs(out);
      worst.see(name, c, actual[c], out, bound / Math.max(Math.abs(out), 1), 1);
    }
  }

  @Test
  void layerNormIsWithinItsBound() {
    Worst normalized = new Worst("normalized");
    Worst out = new Worst("layer norm");
    rows().forEach(row -> layerNorm(row.name, row.numbers, normalized, out));
    normalized.check(1.695);
    out.check(2.995);
  }

  private static void layerNorm(String name, float[] row, Worst worst, Worst after) {
    int n = row.length;
    float[] gain = padded(gaussian(new Random(n + 1), n));
    float[] bias = padded(gaussian(new Random(n + 2), n));
    float[] out =
        alike(
            (kernels, x, y) ->
                kernels.layerNorm(
                    x, START, n, gain, START, bias, START, EPSILON, y, START, null, 0, partials()),
            row);
    float[] normalized =
        alike(
            (kernels, x, y) -> {
              float[] values = new float[y.length];
              float scale =
                  kernels.layerNorm(
                      x,
                      START,
                      n,
                      gain,
                      START,
                      bias,
                      START,
                      EPSILON,
                      x,
                      START,
                      values,
                      START,
                      partials());
              System.arraycopy(values, START, y, START, n);
              y[START + n] = scale;
            },
            row);
    Moments exact = Moments.of(row);
    for (int c = 0; c < n; c++) {
      double value = exact.normalized(c);
      double bound = exact.bound(value);
      worst.see(name, c, normalized[c], value, bound / Math.max(Math.abs(value), 1), 1);
      double g = gain[START + c];
      double expected = value * g + bias[START + c];
      double size = Math.max(Math.abs(expected), 1);
      after.see(name, c, out[c], expected, (bound * Math.abs(g) + Math.abs(expected)) / size, 1);
    }
  }

  private interface Operation {
    void run(Kernels kernels, float[] x, float[] out);
  }

  /** The row that both kernels give, also in place of the one that they read. */
  private static float[] alike(Operation operation, float... row) {
    float[] expected = new float[row.length + 2 * START];
    operation.run(SCALAR, padded(row), expected);
    float[] actual = new float[expected.length];
    operation.run(SIMD, padded(row), actual);
    assertThat(bits(actual)).isEqualTo(bits(expected));
    float[] inPlace = padded(row);
    operation.run(SIMD, inPlace, inPlace);
    float[] result = Arrays.copyOfRange(actual, START, START + row.length);
    assertThat(bits(Arrays.copyOfRange(inPlace, START, START + row.length)))
        .isEqualTo(bits(result));
    return result;
  }

  /** What softmax is made of, in double precision. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Exponentials(float[] row, double max, double sum, double meanDistance) {
    static Exponentials of(float... row) {
      double max = Double.NEGATIVE_INFINITY;
      for (float x : row) {
        max = x > max ? x : max;
      }
      double sum = 0;
      double distances = 0;
      for (float x : row) {
        double e = Math.exp(x - max);
        sum += e;
        distances += e == 0 ? 0 : e * (max - x);
      }
      return new Exponentials(row, max, sum, distances / sum);
    }

    double exponential(int column) {
      return Math.exp(row[column] - max);
    }

    /** Whether an element's exponential is zero as a float, whatever its rounded argument. */
    boolean isNothing(int column) {
      return distance(column) > 105;
    }

    double distance(int column) {
      return max - row[column];
    }

    /** Of Σ exp(x - max): the errors of its elements in proportion to them, and the additions. */
    double sumsError() {
      return meanDistance + EXP + Math.ceilDiv(row.length, 16) + 3;
    }
  }

  /** What layer norm is made of, in double precision. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Moments(float[] row, double mean, double variance, double meanSize) {
    static Moments of(float... row) {
      double mean = 0;
      double size = 0;
      for (float x : row) {
        mean += x;
        size += Math.abs(x);
      }
      mean /= row.length;
      double variance = 0;
      for (float x : row) {
        variance += (x - mean) * (x - mean);
      }
      return new Moments(row, mean, variance / row.length, size / row.length);
    }

    double scale() {
      return Math.sqrt(variance + EPSILON);
    }

    double normalized(int column) {
      return (row[column] - mean) / scale();
    }

    /**
     * Of a normalized element, absolute. The mean is off by what its additions and its division
     * make (a subnormal one by half the least float), which moves every element alike; and the sum
     * of squares grows by the square of that alone, as deviations from the mean cancel. Else a
     * square has the two errors of its deviation, and takes part in ⌈n/16⌉ fused additions and
     * four; with the division by n and the addition of epsilon, halved by the root, which rounds
     * once: ⌈n/16⌉/2 + 5. The deviation and the division make one each.
     */
    double bound(double normalized) {
      double additions = Math.ceilDiv(row.length, 16);
      double shift = (additions + 3) * meanSize + Math.abs(mean) + Float.MIN_VALUE / UNIT;
      double more = shift / scale() * UNIT;
      return Math.abs(normalized) * (additions / 2 + 7 + more * more / 2 / UNIT) + shift / scale();
    }
  }

  /** The greatest errors of a function, in units of the last place. */
  private static final class Worst {
    private final String function;
    private double share;
    private double error;
    private String where = "";
    private double ordinary;

    Worst(String function) {
      this.function = function;
    }

    /** {@code bound} counts units of {@code expected}, or of {@code floor} if that is more. */
    void see(String row, int c, float actual, double expected, double bound, float floor) {
      String here = "%s of %s, element %d".formatted(function, row, c);
      if (!Double.isFinite(expected) || !Float.isFinite(actual)) {
        assertThat(bits(actual)).as(here).isEqualTo(bits((float) expected));
        return;
      }
      int exponent = Math.max(Math.getExponent(expected), Math.getExponent(floor));
      double ulps = Math.scalb(Math.abs(actual - expected), Float.PRECISION - 1 - exponent);
      double most = bound * AND_SECOND_ORDER;
      assertThat(ulps).as(here).isLessThanOrEqualTo(most);
      if (ulps / most > share) {
        share = ulps / most;
        where = here;
        error = ulps;
      }
      if (row.startsWith("ordinary")) {
        ordinary = Math.max(ordinary, ulps);
      }
    }

    /** {@code known}: the greatest error on rows of ordinary numbers, which are always the same. */
    void check(double known) {
      System.out.printf(
          "%-11s at most %.3f ulp of ordinary rows; nearest to its bound (%.2f of it, %.1f ulp):"
              + " %s%n",
          function, ordinary, share, error, where);
      assertThat(ordinary).as(function).isCloseTo(known, within(6e-4));
    }
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Row(String name, float[] numbers) {}

  private static Row row(String name, float... row) {
    return new Row(name + ", length " + row.length, row);
  }

  private static float[] partials() {
    return new float[Kernels.PARTIALS];
  }

  private static float[] filled(int length, float value) {
    float[] row = new float[length];
    Arrays.fill(row, value);
    return row;
  }

  private static float[] changed(float[] row, int column, float value) {
    float[] copy = row.clone();
    copy[column] = value;
    return copy;
  }

  private static float[] scaled(float[] row, float factor, float offset) {
    float[] copy = row.clone();
    for (int c = 0; c < copy.length; c++) {
      copy[c] = copy[c] * factor + offset;
    }
    return copy;
  }

  private static float[] padded(float... row) {
    float[] padded = new float[row.length + 2 * START];
    System.arraycopy(row, 0, padded, START, row.length);
    return padded;
  }
}
