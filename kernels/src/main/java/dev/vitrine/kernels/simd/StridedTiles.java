package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** {@link Tiles} for what is not packed in panels: the values that attention mixes. */
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
      boolean first,
      float @Nullable [] bias,
      int bias0,
      float[] out,
      int out0,
      int outStride) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = FloatVector.zero(SPECIES);
    FloatVector a2 = FloatVector.zero(SPECIES);
    FloatVector b2 = FloatVector.zero(SPECIES);
    FloatVector a3 = FloatVector.zero(SPECIES);
    FloatVector b3 = FloatVector.zero(SPECIES);
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
    Tiles.finish(a0, first, bias, bias0, out, out0);
    Tiles.finish(b0, first, bias, bias0 + LANES, out, out0 + LANES);
    Tiles.finish(a1, first, bias, bias0, out, out0 + outStride);
    Tiles.finish(b1, first, bias, bias0 + LANES, out, out0 + outStride + LANES);
    Tiles.finish(a2, first, bias, bias0, out, out0 + 2 * outStride);
    Tiles.finish(b2, first, bias, bias0 + LANES, out, out0 + 2 * outStride + LANES);
    Tiles.finish(a3, first, bias, bias0, out, out0 + 3 * outStride);
    Tiles.finish(b3, first, bias, bias0 + LANES, out, out0 + 3 * outStride + LANES);
  }

  static void one(
      float[] x,
      int x0,
      int xStride,
      float[] w,
      int w0,
      int wStride,
      int count,
      boolean first,
      float @Nullable [] bias,
      int bias0,
      float[] out,
      int out0,
      int outStride) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
      a0 = f.fma(u, a0);
      b0 = f.fma(v, b0);
      at += wStride;
    }
    Tiles.finish(a0, first, bias, bias0, out, out0);
    Tiles.finish(b0, first, bias, bias0 + LANES, out, out0 + LANES);
  }
}
