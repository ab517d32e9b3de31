package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import dev.vitrine.kernels.f32.Tiling;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Tiling} for twelve rows and vectors of sixteen numbers. Of each four rows neighbours
 * become pairs and pairs fours, one number of each row; then the fours of the three groups take
 * turns.
 */
final class Interleaving {
  /** Of two vectors, from the lower halves or the upper halves, one number of each in turn. */
  private static final float[] ONES = turns(1, 0);

  private static final float[] UPPER_ONES = turns(1, 8);

  /** Two numbers of each in turn. */
  private static final float[] TWOS = turns(2, 0);

  private static final float[] UPPER_TWOS = turns(2, 8);

  /**
   * The fours of vectors a, b, c in turn fill three vectors: a0 b0 c0 a1, b1 c1 a2 b2, c2 a3 b3 c3.
   * Each comes about in two steps: a and b first, and then c in the places left.
   */
  private static final float[] ABXA = fours(0, 4, 0, 1);

  private static final float[] XXCX = fours(0, 1, 4, 3);
  private static final float[] BXAB = fours(5, 0, 2, 6);
  private static final float[] XCXX = fours(0, 5, 2, 3);
  private static final float[] XABX = fours(0, 3, 7, 0);
  private static final float[] CXXC = fours(6, 1, 2, 7);

  private Interleaving() {}

  private static float[] turns(int run, int from) {
    float[] turns = new float[16];
    for (int i = 0; i < 16; i++) {
      int vector = i / run % 2;
      turns[i] = 16 * vector + from + i / (2 * run) * run + i % run;
    }
    return turns;
  }

  /** Which four comes where: 0 to 3 those of the first vector, 4 to 7 those of the second. */
  private static float[] fours(int... fours) {
    float[] indices = new float[16];
    for (int i = 0; i < 16; i++) {
      indices[i] = 4 * fours[i / 4] + i % 4;
    }
    return indices;
  }

  /** Whether {@link #twelve} can be had. */
  static boolean fits(int rows) {
    return rows == 12 && LANES == 16;
  }

  static void twelve(float[] x, int x0, int stride, int count, float[] into, int into0) {
    int whole = count - count % LANES;
    FloatVector ones = FloatVector.fromArray(SPECIES, ONES, 0);
    FloatVector upperOnes = FloatVector.fromArray(SPECIES, UPPER_ONES, 0);
    FloatVector twos = FloatVector.fromArray(SPECIES, TWOS, 0);
    FloatVector upperTwos = FloatVector.fromArray(SPECIES, UPPER_TWOS, 0);
    FloatVector abxa = FloatVector.fromArray(SPECIES, ABXA, 0);
    FloatVector xxcx = FloatVector.fromArray(SPECIES, XXCX, 0);
    FloatVector bxab = FloatVector.fromArray(SPECIES, BXAB, 0);
    FloatVector xcxx = FloatVector.fromArray(SPECIES, XCXX, 0);
    FloatVector xabx = FloatVector.fromArray(SPECIES, XABX, 0);
    FloatVector cxxc = FloatVector.fromArray(SPECIES, CXXC, 0);
    int at = into0;
    for (int k = 0; k < whole; k += LANES) {
      int from = x0 + k;
      FloatVector r0 = FloatVector.fromArray(SPECIES, x, from);
      FloatVector r1 = FloatVector.fromArray(SPECIES, x, from + stride);
      FloatVector r2 = FloatVector.fromArray(SPECIES, x, from + 2 * stride);
      FloatVector r3 = FloatVector.fromArray(SPECIES, x, from + 3 * stride);
      FloatVector a01 = ones.selectFrom(r0, r1);
      FloatVector a23 = ones.selectFrom(r2, r3);
      FloatVector a0 = twos.selectFrom(a01, a23);
      FloatVector a1 = upperTwos.selectFrom(a01, a23);
      a01 = upperOnes.selectFrom(r0, r1);
      a23 = upperOnes.selectFrom(r2, r3);
      FloatVector a2 = twos.selectFrom(a01, a23);
      FloatVector a3 = upperTwos.selectFrom(a01, a23);
      FloatVector r4 = FloatVector.fromArray(SPECIES, x, from + 4 * stride);
      FloatVector r5 = FloatVector.fromArray(SPECIES, x, from + 5 * stride);
      FloatVector r6 = FloatVector.fromArray(SPECIES, x, from + 6 * stride);
      FloatVector r7 = FloatVector.fromArray(SPECIES, x, from + 7 * stride);
      FloatVector b01 = ones.selectFrom(r4, r5);
      FloatVector b23 = ones.selectFrom(r6, r7);
      FloatVector b0 = twos.selectFrom(b01, b23);
      FloatVector b1 = upperTwos.selectFrom(b01, b23);
      b01 = upperOnes.selectFrom(r4, r5);
      b23 = upperOnes.selectFrom(r6, r7);
      FloatVector b2 = twos.selectFrom(b01, b23);
      FloatVector b3 = upperTwos.selectFrom(b01, b23);
      FloatVector r8 = FloatVector.fromArray(SPECIES, x, from + 8 * stride);
      FloatVector r9 = FloatVector.fromArray(SPECIES, x, from + 9 * stride);
      FloatVector r10 = FloatVector.fromArray(SPECIES, x, from + 10 * stride);
      FloatVector r11 = FloatVector.fromArray(SPECIES, x, from + 11 * stride);
      FloatVector c01 = ones.selectFrom(r8, r9);
      FloatVector c23 = ones.selectFrom(r10, r11);
      FloatVector c0 = twos.selectFrom(c01, c23);
      FloatVector c1 = upperTwos.selectFrom(c01, c23);
      c01 = upperOnes.selectFrom(r8, r9);
      c23 = upperOnes.selectFrom(r10, r11);
      FloatVector c2 = twos.selectFrom(c01, c23);
      FloatVector c3 = upperTwos.selectFrom(c01, c23);
      xxcx.selectFrom(abxa.selectFrom(a0, b0), c0).intoArray(into, at);
      xcxx.selectFrom(bxab.selectFrom(a0, b0), c0).intoArray(into, at + LANES);
      cxxc.selectFrom(xabx.selectFrom(a0, b0), c0).intoArray(into, at + 2 * LANES);
      xxcx.selectFrom(abxa.selectFrom(a1, b1), c1).intoArray(into, at + 3 * LANES);
      xcxx.selectFrom(bxab.selectFrom(a1, b1), c1).intoArray(into, at + 4 * LANES);
      cxxc.selectFrom(xabx.selectFrom(a1, b1), c1).intoArray(into, at + 5 * LANES);
      xxcx.selectFrom(abxa.selectFrom(a2, b2), c2).intoArray(into, at + 6 * LANES);
      xcxx.selectFrom(bxab.selectFrom(a2, b2), c2).intoArray(into, at + 7 * LANES);
      cxxc.selectFrom(xabx.selectFrom(a2, b2), c2).intoArray(into, at + 8 * LANES);
      xxcx.selectFrom(abxa.selectFrom(a3, b3), c3).intoArray(into, at + 9 * LANES);
      xcxx.selectFrom(bxab.selectFrom(a3, b3), c3).intoArray(into, at + 10 * LANES);
      cxxc.selectFrom(xabx.selectFrom(a3, b3), c3).intoArray(into, at + 11 * LANES);
      at += 12 * LANES;
    }
    Tiling.interleave(x, x0 + whole, stride, 12, count - whole, into, at);
  }
}
