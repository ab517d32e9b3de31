package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import dev.vitrine.kernels.f32.Functions;
import dev.vitrine.kernels.f32.Kernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Sums over a row in 16 partial sums, which are one, two or four vectors: the i-th element goes to
 * partial sum i mod 16 at every width.
 */
final class Sums {
  private static final int STEP = Kernels.PARTIALS;
  private static final boolean TWO = LANES < 16;
  private static final boolean FOUR = LANES < 8;

  private Sums() {}

  /** {@code Σ x[i]}. */
  static float of(float[] x, int x0, int count, float[] partials) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int whole = count - count % STEP;
    for (int i = x0; i < x0 + whole; i += STEP) {
      s0 = s0.add(load(x, i));
      if (TWO) {
        s1 = s1.add(load(x, i + LANES));
      }
      if (FOUR) {
        s2 = s2.add(load(x, i + 2 * LANES));
        s3 = s3.add(load(x, i + 3 * LANES));
      }
    }
    store(s0, s1, s2, s3, partials);
    for (int i = whole; i < count; i++) {
      partials[i % STEP] += x[x0 + i];
    }
    return Functions.fold(partials);
  }

  /** {@code Σ (x[i] - mean)²}. */
  static float ofSquares(float[] x, int x0, int count, float mean, float[] partials) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int whole = count - count % STEP;
    for (int i = x0; i < x0 + whole; i += STEP) {
      s0 = addSquare(s0, load(x, i), mean);
      if (TWO) {
        s1 = addSquare(s1, load(x, i + LANES), mean);
      }
      if (FOUR) {
        s2 = addSquare(s2, load(x, i + 2 * LANES), mean);
        s3 = addSquare(s3, load(x, i + 3 * LANES), mean);
      }
    }
    store(s0, s1, s2, s3, partials);
    for (int i = whole; i < count; i++) {
      float centred = x[x0 + i] - mean;
      partials[i % STEP] = Math.fma(centred, centred, partials[i % STEP]);
    }
    return Functions.fold(partials);
  }

  private static FloatVector addSquare(FloatVector sum, FloatVector x, float mean) {
    FloatVector centred = x.sub(mean);
    return centred.fma(centred, sum);
  }

  /**
   * {@code Σ exp(x[i] - max)}; the exponentials are written to {@code out} unless it is null, and
   * the max, the greatest element that is a number or else -inf, to {@code partials[0]}.
   */
  static float ofExponentials(
      float[] x, int x0, int count, float @Nullable [] out, int out0, float[] partials) {
    int whole = count - count % STEP;
    float max = Float.NEGATIVE_INFINITY;
    boolean known = whole > 0 && areNumbers(maxima(x, x0, whole, partials));
    if (known) {
      for (float value : partials) {
        max = value > max ? value : max;
      }
    }
    for (int i = known ? whole : 0; i < count; i++) {
      max = x[x0 + i] > max ? x[x0 + i] : max;
    }
    if (whole > 0) {
      exponentials(x, x0, whole, max, out, out0, partials);
    } else {
      Arrays.fill(partials, 0f);
    }
    for (int i = whole; i < count; i++) {
      float e = Functions.exp(x[x0 + i] - max);
      partials[i % STEP] += e;
      if (out != null) {
        out[out0 + i] = e;
      }
    }
    float sum = Functions.fold(partials);
    partials[0] = max;
    return sum;
  }

  private static boolean areNumbers(float[] values) {
    for (float value : values) {
      if (Float.isNaN(value)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The greatest of the elements whose index is j modulo 16, for each j; NaN where one is.
   *
   * <p>A method of its own, as is {@link #exponentials}, that is called only where its loop has
   * something to do. In a method that mostly sees rows shorter than a vector, HotSpot would find
   * the loop rare and not compile its calls into it; vectors then stay objects for good, and
   * attention over 1024 tokens took twice as long if shorter texts came first.
   */
  private static float[] maxima(float[] x, int x0, int whole, float[] partials) {
    FloatVector m0 = FloatVector.fromArray(SPECIES, x, x0);
    FloatVector m1 = TWO ? FloatVector.fromArray(SPECIES, x, x0 + LANES) : m0;
    FloatVector m2 = FOUR ? FloatVector.fromArray(SPECIES, x, x0 + 2 * LANES) : m0;
    FloatVector m3 = FOUR ? FloatVector.fromArray(SPECIES, x, x0 + 3 * LANES) : m0;
    for (int i = x0 + STEP; i < x0 + whole; i += STEP) {
      m0 = m0.max(FloatVector.fromArray(SPECIES, x, i));
      if (TWO) {
        m1 = m1.max(FloatVector.fromArray(SPECIES, x, i + LANES));
      }
      if (FOUR) {
        m2 = m2.max(FloatVector.fromArray(SPECIES, x, i + 2 * LANES));
        m3 = m3.max(FloatVector.fromArray(SPECIES, x, i + 3 * LANES));
      }
    }
    store(m0, m1, m2, m3, partials);
    return partials;
  }

  private static void exponentials(
      float[] x, int x0, int whole, float max, float @Nullable [] out, int out0, float[] partials) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < whole; i += STEP) {
      s0 = s0.add(exponential(x, x0 + i, max, out, out0 + i));
      if (TWO) {
        s1 = s1.add(exponential(x, x0 + i + LANES, max, out, out0 + i + LANES));
      }
      if (FOUR) {
        s2 = s2.add(exponential(x, x0 + i + 2 * LANES, max, out, out0 + i + 2 * LANES));
        s3 = s3.add(exponential(x, x0 + i + 3 * LANES, max, out, out0 + i + 3 * LANES));
      }
    }
    store(s0, s1, s2, s3, partials);
  }

  private static FloatVector exponential(
      float[] x, int at, float max, float @Nullable [] out, int outAt) {
    FloatVector e = Vectors.exp(load(x, at).sub(max));
    if (out != null) {
      e.intoArray(out, outAt);
    }
    return e;
  }

  private static void store(
      FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3, float[] partials) {
    s0.intoArray(partials, 0);
    if (TWO) {
      s1.intoArray(partials, LANES);
    }
    if (FOUR) {
      s2.intoArray(partials, 2 * LANES);
      s3.intoArray(partials, 3 * LANES);
    }
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(SPECIES, x, at);
  }
}
