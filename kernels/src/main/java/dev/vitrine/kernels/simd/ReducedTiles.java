package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.f32.Kernels.AHEAD;
import static dev.vitrine.kernels.f32.Kernels.LINES_IN_A_GROUP;
import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import dev.vitrine.kernels.Precision;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Reduced weights, widened in registers. Several rows widen a block once, to where the nearest
 * cache keeps it, and go on with {@link Tiles}; one row takes the numbers as they come, from two
 * panels at once, so that four sums are on their way and none waits for itself.
 *
 * <p>A byte b without sign becomes a float where it stands, without a conversion: under the right
 * exponent, in the lowest byte of a mantissa, it is 2²³ + b, in the byte above 2¹⁵ + b. Each less
 * its offset, times the scale, is the weight; both products have 24 bits at most, so that one fma
 * makes the weight exactly. So, and with two panels at once, one core of an AVX-512 Xeon takes 1.75
 * times as many int8 weights from the second cache as one panel with shifts and conversions.
 *
 * <p>And one row calls for what lies {@link dev.vitrine.kernels.f32.Kernels#AHEAD} further on, by
 * the empty stores that {@link Tiles} explains, without which the widening and the waiting for
 * memory add up: with the weights in memory, two cores took 1.75 times as many int8 weights and 1.2
 * times as many bf16 weights (with 256-bit vectors, 1.35 and 1.3).
 */
final class ReducedTiles {
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  /** Lines of two panels side by side. */
  private static final int STEP = 2 * LANES;

  /** Whether a store may have a mask; if so, the lines of two panels fill one cache line or two. */
  private static final boolean CALLS = LANES >= 8;

  private static final boolean TWO_CACHE_LINES = LANES >= 16;

  private static final int LOW = 0xFF;
  private static final int LOW_EXPONENT = 0x4B000000;
  private static final float LOW_OFFSET = 0x1p23f + 128;
  private static final int HIGH = 0xFF00;
  private static final int HIGH_EXPONENT = 0x47000000;
  private static final float HIGH_OFFSET = 0x1p15f + 128;

  /** No lane at all. Not a constant, or the compiler might see that nothing is stored. */
  @SuppressWarnings("FieldCanBeFinal")
  private static long noLane = 0;

  private ReducedTiles() {}

  private static IntVector load(int[] words, int at) {
    return IntVector.fromArray(INTS, words, at);
  }

  private static FloatVector lower(IntVector words) {
    return words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  private static FloatVector upper(IntVector words) {
    return words.and(0xFFFF0000).reinterpretAsFloats();
  }

  /** The lowest byte, less the offset that all have. */
  private static FloatVector low(IntVector words) {
    return words.and(LOW).or(LOW_EXPONENT).reinterpretAsFloats().sub(LOW_OFFSET);
  }

  /** The byte above the lowest, less the offset that all have. */
  private static FloatVector high(IntVector words) {
    return words.and(HIGH).or(HIGH_EXPONENT).reinterpretAsFloats().sub(HIGH_OFFSET);
  }

  static void widenBf16(int[] words, int w0, int count, float[] into) {
    int at = w0;
    for (int k = 0; k < count * 2 * LANES; k += 2 * LANES) {
      IntVector word = load(words, at);
      lower(word).intoArray(into, k);
      upper(word).intoArray(into, k + LANES);
      at += STEP;
    }
  }

  static void rowBf16(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = FloatVector.zero(SPECIES);
    FloatVector c = FloatVector.zero(SPECIES);
    FloatVector d = FloatVector.zero(SPECIES);
    VectorMask<Integer> none = VectorMask.fromLong(INTS, noLane);
    int at = w0;
    for (int k = 0; k < count; k++) {
      IntVector first = load(words, at);
      IntVector second = load(words, at + LANES);
      if (CALLS) {
        first.intoArray(words, at + AHEAD, none);
      }
      if (TWO_CACHE_LINES) {
        second.intoArray(words, at + LANES + AHEAD, none);
      }
      FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
      a = f.fma(lower(first), a);
      b = f.fma(upper(first), b);
      c = f.fma(lower(second), c);
      d = f.fma(upper(second), d);
      at += STEP;
    }
    a.intoArray(sums, 0);
    b.intoArray(sums, LANES);
    c.intoArray(sums, 2 * LANES);
    d.intoArray(sums, 3 * LANES);
  }

  static void widenInt8(int[] words, int w0, int count, float[] into) {
    int at = w0;
    for (int k = 0; k < count; k += Precision.GROUP) {
      widenGroup(words, at, k, Math.min(k + Precision.GROUP, count), into);
      at += LINES_IN_A_GROUP * STEP;
    }
  }

  private static void widenGroup(int[] words, int w0, int from, int to, float[] into) {
    IntVector scale = load(words, w0);
    FloatVector u = lower(scale);
    FloatVector v = upper(scale);
    int at = w0;
    int o = from * 2 * LANES;
    for (int k = from; k < to; k += 2) {
      at += STEP;
      IntVector word = load(words, at);
      IntVector next = word.lanewise(VectorOperators.LSHR, 16);
      low(word).mul(u).intoArray(into, o);
      high(word).mul(v).intoArray(into, o + LANES);
      low(next).mul(u).intoArray(into, o + 2 * LANES);
      high(next).mul(v).intoArray(into, o + 3 * LANES);
      o += 4 * LANES;
    }
  }

  static void rowInt8(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < 4; i++) {
      zero.intoArray(sums, i * LANES);
    }
    int at = w0;
    for (int k = 0; k < count; k += Precision.GROUP) {
      int some = Math.min(Precision.GROUP, count - k);
      addPairs(x, x0 + k, words, at, some / 2, sums);
      if (some % 2 == 1) {
        addLast(x[x0 + k + some - 1], words, at, at + (1 + some / 2) * STEP, sums);
      }
      at += LINES_IN_A_GROUP * STEP;
    }
  }

  /**
   * Goes on with the sums of two panels for the inputs of a group, two by two. All is written out:
   * the compiler gives up inlining in the middle of a loop with so many calls, and a vector that
   * leaves a method is an object.
   */
  private static void addPairs(float[] x, int x0, int[] words, int w0, int pairs, float[] sums) {
    VectorMask<Integer> none = VectorMask.fromLong(INTS, noLane);
    IntVector firstScale = load(words, w0);
    IntVector secondScale = load(words, w0 + LANES);
    if (CALLS) {
      firstScale.intoArray(words, w0 + AHEAD, none);
    }
    if (TWO_CACHE_LINES) {
      secondScale.intoArray(words, w0 + LANES + AHEAD, none);
    }
    FloatVector s = lower(firstScale);
    FloatVector t = upper(firstScale);
    FloatVector u = lower(secondScale);
    FloatVector v = upper(secondScale);
    FloatVector s0 = s.mul(-LOW_OFFSET);
    FloatVector t0 = t.mul(-HIGH_OFFSET);
    FloatVector u0 = u.mul(-LOW_OFFSET);
    FloatVector v0 = v.mul(-HIGH_OFFSET);
    IntVector low = IntVector.broadcast(INTS, LOW);
    IntVector high = IntVector.broadcast(INTS, HIGH);
    IntVector p = IntVector.broadcast(INTS, LOW_EXPONENT);
    IntVector q = IntVector.broadcast(INTS, HIGH_EXPONENT);
    FloatVector a = FloatVector.fromArray(SPECIES, sums, 0);
    FloatVector b = FloatVector.fromArray(SPECIES, sums, LANES);
    FloatVector c = FloatVector.fromArray(SPECIES, sums, 2 * LANES);
    FloatVector d = FloatVector.fromArray(SPECIES, sums, 3 * LANES);
    int at = w0;
    int from = x0;
    for (int pair = 0; pair < pairs; pair++) {
      at += STEP;
      IntVector first = load(words, at);
      IntVector second = load(words, at + LANES);
      if (CALLS) {
        first.intoArray(words, at + AHEAD, none);
      }
      if (TWO_CACHE_LINES) {
        second.intoArray(words, at + LANES + AHEAD, none);
      }
      FloatVector f = FloatVector.broadcast(SPECIES, x[from]);
      a = f.fma(first.and(low).or(p).reinterpretAsFloats().fma(s, s0), a);
      b = f.fma(first.and(high).or(q).reinterpretAsFloats().fma(t, t0), b);
      c = f.fma(second.and(low).or(p).reinterpretAsFloats().fma(u, u0), c);
      d = f.fma(second.and(high).or(q).reinterpretAsFloats().fma(v, v0), d);
      first = first.lanewise(VectorOperators.LSHR, 16);
      second = second.lanewise(VectorOperators.LSHR, 16);
      f = FloatVector.broadcast(SPECIES, x[from + 1]);
      a = f.fma(first.and(low).or(p).reinterpretAsFloats().fma(s, s0), a);
      b = f.fma(first.and(high).or(q).reinterpretAsFloats().fma(t, t0), b);
      c = f.fma(second.and(low).or(p).reinterpretAsFloats().fma(u, u0), c);
      d = f.fma(second.and(high).or(q).reinterpretAsFloats().fma(v, v0), d);
      from += 2;
    }
    a.intoArray(sums, 0);
    b.intoArray(sums, LANES);
    c.intoArray(sums, 2 * LANES);
    d.intoArray(sums, 3 * LANES);
  }

  /** The same for an input that has none beside it. */
  private static void addLast(float x, int[] words, int s0, int w0, float[] sums) {
    FloatVector f = FloatVector.broadcast(SPECIES, x);
    for (int panel = 0; panel < 2; panel++) {
      IntVector scale = load(words, s0 + panel * LANES);
      IntVector word = load(words, w0 + panel * LANES);
      int o = panel * 2 * LANES;
      FloatVector a = FloatVector.fromArray(SPECIES, sums, o);
      FloatVector b = FloatVector.fromArray(SPECIES, sums, o + LANES);
      f.fma(low(word).mul(lower(scale)), a).intoArray(sums, o);
      f.fma(high(word).mul(upper(scale)), b).intoArray(sums, o + LANES);
    }
  }
}
