package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * One block of a product for a tile of rows by one panel, two vectors wide: each row keeps two sums
 * in registers.
 *
 * <p>All variants add in the same order, so which of them computes a row cannot be seen. The
 * distance of a panel's rows is a constant: that was 3 to 8 % faster on most products of 64 rows
 * and more than a distance passed in, on a loaded AVX-512 machine, and no different on others.
 */
final class Tiles {
  private Tiles() {}

  /** Adds a finished block sum to what stands in {@code out}, as {@link SimdKernels#block} says. */
  static void finish(
      FloatVector sum, boolean first, float @Nullable [] bias, int bias0, float[] out, int at) {
    FloatVector total = first ? sum : FloatVector.fromArray(SPECIES, out, at).add(sum);
    if (bias != null) {
      total = total.add(FloatVector.fromArray(SPECIES, bias, bias0));
    }
    total.intoArray(out, at);
  }

  static void eight(
      float[] x,
      int x0,
      int xStride,
      float[] w,
      int w0,
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
    FloatVector a4 = FloatVector.zero(SPECIES);
    FloatVector b4 = FloatVector.zero(SPECIES);
    FloatVector a5 = FloatVector.zero(SPECIES);
    FloatVector b5 = FloatVector.zero(SPECIES);
    FloatVector a6 = FloatVector.zero(SPECIES);
    FloatVector b6 = FloatVector.zero(SPECIES);
    FloatVector a7 = FloatVector.zero(SPECIES);
    FloatVector b7 = FloatVector.zero(SPECIES);
    int x1 = x0 + xStride;
    int x2 = x0 + 2 * xStride;
    int x3 = x0 + 3 * xStride;
    int x4 = x0 + 4 * xStride;
    int x5 = x0 + 5 * xStride;
    int x6 = x0 + 6 * xStride;
    int x7 = x0 + 7 * xStride;
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
      f = FloatVector.broadcast(SPECIES, x[x4 + k]);
      a4 = f.fma(u, a4);
      b4 = f.fma(v, b4);
      f = FloatVector.broadcast(SPECIES, x[x5 + k]);
      a5 = f.fma(u, a5);
      b5 = f.fma(v, b5);
      f = FloatVector.broadcast(SPECIES, x[x6 + k]);
      a6 = f.fma(u, a6);
      b6 = f.fma(v, b6);
      f = FloatVector.broadcast(SPECIES, x[x7 + k]);
      a7 = f.fma(u, a7);
      b7 = f.fma(v, b7);
      at += 2 * LANES;
    }
    finish(a0, first, bias, bias0, out, out0);
    finish(b0, first, bias, bias0 + LANES, out, out0 + LANES);
    finish(a1, first, bias, bias0, out, out0 + outStride);
    finish(b1, first, bias, bias0 + LANES, out, out0 + outStride + LANES);
    finish(a2, first, bias, bias0, out, out0 + 2 * outStride);
    finish(b2, first, bias, bias0 + LANES, out, out0 + 2 * outStride + LANES);
    finish(a3, first, bias, bias0, out, out0 + 3 * outStride);
    finish(b3, first, bias, bias0 + LANES, out, out0 + 3 * outStride + LANES);
    finish(a4, first, bias, bias0, out, out0 + 4 * outStride);
    finish(b4, first, bias, bias0 + LANES, out, out0 + 4 * outStride + LANES);
    finish(a5, first, bias, bias0, out, out0 + 5 * outStride);
    finish(b5, first, bias, bias0 + LANES, out, out0 + 5 * outStride + LANES);
    finish(a6, first, bias, bias0, out, out0 + 6 * outStride);
    finish(b6, first, bias, bias0 + LANES, out, out0 + 6 * outStride + LANES);
    finish(a7, first, bias, bias0, out, out0 + 7 * outStride);
    finish(b7, first, bias, bias0 + LANES, out, out0 + 7 * outStride + LANES);
  }

  static void four(
      float[] x,
      int x0,
      int xStride,
      float[] w,
      int w0,
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
      at += 2 * LANES;
    }
    finish(a0, first, bias, bias0, out, out0);
    finish(b0, first, bias, bias0 + LANES, out, out0 + LANES);
    finish(a1, first, bias, bias0, out, out0 + outStride);
    finish(b1, first, bias, bias0 + LANES, out, out0 + outStride + LANES);
    finish(a2, first, bias, bias0, out, out0 + 2 * outStride);
    finish(b2, first, bias, bias0 + LANES, out, out0 + 2 * outStride + LANES);
    finish(a3, first, bias, bias0, out, out0 + 3 * outStride);
    finish(b3, first, bias, bias0 + LANES, out, out0 + 3 * outStride + LANES);
  }

  static void two(
      float[] x,
      int x0,
      int xStride,
      float[] w,
      int w0,
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
    int x1 = x0 + xStride;
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
      at += 2 * LANES;
    }
    finish(a0, first, bias, bias0, out, out0);
    finish(b0, first, bias, bias0 + LANES, out, out0 + LANES);
    finish(a1, first, bias, bias0, out, out0 + outStride);
    finish(b1, first, bias, bias0 + LANES, out, out0 + outStride + LANES);
  }

  static void one(
      float[] x,
      int x0,
      int xStride,
      float[] w,
      int w0,
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
      at += 2 * LANES;
    }
    finish(a0, first, bias, bias0, out, out0);
    finish(b0, first, bias, bias0 + LANES, out, out0 + LANES);
  }
}
