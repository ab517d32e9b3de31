package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import dev.vitrine.kernels.f32.Functions;
import dev.vitrine.kernels.f32.Kernels;
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
   *
   * <p>One method for both, as {@link Activations#apply} says.
   */
  static float ofExponentials(
      float[] x, int x0, int count, float @Nullable [] out, int out0, float[] partials) {
    FloatVector maxima = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int full = count - count % LANES;
    for (int i = 0; i < full; i += LANES) {
      maxima = maxima.max(load(x, x0 + i)); // NaN as soon as there is one
    }
    maxima.intoArray(partials, 0);
    float max = Float.NEGATIVE_INFINITY;
    boolean numbers = true;
    for (int i = 0; i < LANES; i++) {
      numbers &= !Float.isNaN(partials[i]);
      max = partials[i] > max ? partials[i] : max;
    }
    for (int i = numbers ? full : 0; i < count; i++) {
      max = x[x0 + i] > max ? x[x0 + i] : max;
    }
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int whole = count - count % STEP;
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
