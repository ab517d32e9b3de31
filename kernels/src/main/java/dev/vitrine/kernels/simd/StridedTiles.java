package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;

/** {@link Tiles} for what is neither interleaved nor in panels: the values that attention mixes. */
final class StridedTiles {
  private StridedTiles() {}

  static void four(
      float[] x,
      int x0,
      int xStride,
      float[] w,
      int w0,
      int wStride,
      int count,
      float[] sums,
      int s0) {
    FloatVector a0 = FloatVector.fromArray(SPECIES, sums, s0);
    FloatVector b0 = FloatVector.fromArray(SPECIES, sums, s0 + LANES);
    FloatVector a1 = FloatVector.fromArray(SPECIES, sums, s0 + 2 * LANES);
    FloatVector b1 = FloatVector.fromArray(SPECIES, sums, s0 + 3 * LANES);
    FloatVector a2 = FloatVector.fromArray(SPECIES, sums, s0 + 4 * LANES);
    FloatVector b2 = FloatVector.fromArray(SPECIES, sums, s0 + 5 * LANES);
    FloatVector a3 = FloatVector.fromArray(SPECIES, sums, s0 + 6 * LANES);
    FloatVector b3 = FloatVector.fromArray(SPECIES, sums, s0 + 7 * LANES);
    int x1 = x0 + xStride;
    int x2 = x0 + 2 * xStride;
    int x3 = x0 + 3 * xStride;
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
      a0 = f.fma(u, a0);
      b0 = f.fma(v, b0);
      f = FloatVector.broadcast(SPECIES, x[x1 + k]);
      a1 = f.fma(u, a1);
      b1 = f.fma(v, b1);
      f = FloatVector.broadcast(SPECIES, x[x2 + k]);
      a2 = f.fma(u, a2);
      b2 = f.fma(v, b2);
      f = FloatVector.broadcast(SPECIES, x[x3 + k]);
      a3 = f.fma(u, a3);
      b3 = f.fma(v, b3);
      at += wStride;
    }
    a0.intoArray(sums, s0);
    b0.intoArray(sums, s0 + LANES);
    a1.intoArray(sums, s0 + 2 * LANES);
    b1.intoArray(sums, s0 + 3 * LANES);
    a2.intoArray(sums, s0 + 4 * LANES);
    b2.intoArray(sums, s0 + 5 * LANES);
    a3.intoArray(sums, s0 + 6 * LANES);
    b3.intoArray(sums, s0 + 7 * LANES);
  }

  static void one(
      float[] x, int x0, float[] w, int w0, int wStride, int count, float[] sums, int s0) {
    FloatVector a0 = FloatVector.fromArray(SPECIES, sums, s0);
    FloatVector b0 = FloatVector.fromArray(SPECIES, sums, s0 + LANES);
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
      a0 = f.fma(u, a0);
      b0 = f.fma(v, b0);
      at += wStride;
    }
    a0.intoArray(sums, s0);
    b0.intoArray(sums, s0 + LANES);
  }
}
