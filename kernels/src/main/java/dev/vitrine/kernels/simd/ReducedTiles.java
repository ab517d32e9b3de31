package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import dev.vitrine.kernels.Precision;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Reduced weights, widened in registers. Several rows widen a block once, to where the nearest
 * cache keeps it, and go on with {@link Tiles}; one row takes the numbers as they come.
 */
final class ReducedTiles {
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

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

  /** The signed byte that ends {@code left} bits from the top, times its scale: exact. */
  private static FloatVector scaled(IntVector words, int left, FloatVector scale) {
    IntVector q = words.lanewise(VectorOperators.LSHL, left).lanewise(VectorOperators.ASHR, 24);
    return ((FloatVector) q.convert(VectorOperators.I2F, 0)).mul(scale);
  }

  static void widenBf16(int[] words, int w0, int count, float[] into) {
    int at = w0;
    for (int k = 0; k < count * 2 * LANES; k += 2 * LANES) {
      IntVector word = load(words, at);
      lower(word).intoArray(into, k);
      upper(word).intoArray(into, k + LANES);
      at += LANES;
    }
  }

  static void rowBf16(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    int at = w0;
    for (int k = 0; k < count; k++) {
      IntVector word = load(words, at);
      FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
      a = f.fma(lower(word), a);
      b = f.fma(upper(word), b);
      at += LANES;
    }
    a.intoArray(sums, 0);
    b.intoArray(sums, LANES);
  }

  static void widenInt8(int[] words, int w0, int[] scales, int s0, int count, float[] into) {
    for (int k = 0; k < count; k += Precision.GROUP) {
      int end = Math.min(k + Precision.GROUP, count);
      widenGroup(words, w0 + k / 2 * LANES, scales, s0 + k / Precision.GROUP * LANES, k, end, into);
    }
  }

  private static void widenGroup(
      int[] words, int w0, int[] scales, int s0, int from, int to, float[] into) {
    IntVector scale = load(scales, s0);
    FloatVector u = lower(scale);
    FloatVector v = upper(scale);
    int at = w0;
    int o = from * 2 * LANES;
    for (int k = from; k < to; k += 2) {
      IntVector word = load(words, at);
      scaled(word, 24, u).intoArray(into, o);
      scaled(word, 16, v).intoArray(into, o + LANES);
      scaled(word, 8, u).intoArray(into, o + 2 * LANES);
      scaled(word, 0, v).intoArray(into, o + 3 * LANES);
      at += LANES;
      o += 4 * LANES;
    }
  }

  static void rowInt8(
      float[] x, int x0, int[] words, int w0, int[] scales, int s0, int count, float[] sums) {
    FloatVector zero = FloatVector.zero(SPECIES);
    zero.intoArray(sums, 0);
    zero.intoArray(sums, LANES);
    for (int k = 0; k < count; k += Precision.GROUP) {
      int some = Math.min(Precision.GROUP, count - k);
      int at = w0 + k / 2 * LANES;
      addGroup(x, x0 + k, words, at, scales, s0 + k / Precision.GROUP * LANES, some, sums);
    }
  }

  private static void addGroup(
      float[] x, int x0, int[] words, int w0, int[] scales, int s0, int count, float[] sums) {
    IntVector scale = load(scales, s0);
    FloatVector u = lower(scale);
    FloatVector v = upper(scale);
    FloatVector a = FloatVector.fromArray(SPECIES, sums, 0);
    FloatVector b = FloatVector.fromArray(SPECIES, sums, LANES);
    int at = w0;
    for (int k = 0; k < count - 1; k += 2) {
      IntVector word = load(words, at);
      FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
      a = f.fma(scaled(word, 24, u), a);
      b = f.fma(scaled(word, 16, v), b);
      f = FloatVector.broadcast(SPECIES, x[x0 + k + 1]);
      a = f.fma(scaled(word, 8, u), a);
      b = f.fma(scaled(word, 0, v), b);
      at += LANES;
    }
    if (count % 2 == 1) {
      IntVector word = load(words, at);
      FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + count - 1]);
      a = f.fma(scaled(word, 24, u), a);
      b = f.fma(scaled(word, 16, v), b);
    }
    a.intoArray(sums, 0);
    b.intoArray(sums, LANES);
  }
}
