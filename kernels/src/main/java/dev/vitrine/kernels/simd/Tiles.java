package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * One block of a product for a tile of rows by one panel, two vectors wide: each row keeps two sums
 * in registers. The rows of x lie interleaved, so that one index finds them all.
 *
 * <p>All variants add in the same order, so which of them computes a row cannot be seen.
 *
 * <p>The sums go to {@code room} and are added up by {@link #finish}, a method of its own: what the
 * compiler takes into one method is bounded, and where the bound is met it calls, with vectors
 * boxed. Eight rows that finished by themselves ran at 0.65 of the peak of one core (AVX-512 Xeon),
 * and so at 0.99.
 */
final class Tiles {
  private Tiles() {}

  /** Adds the block sums in {@code room} to what stands in {@code out}. */
  static void finish(
      float[] room,
      int room0,
      int rows,
      boolean first,
      float @Nullable [] bias,
      int bias0,
      float[] out,
      int out0,
      int outStride) {
    for (int r = 0; r < rows; r++) {
      int at = out0 + r * outStride;
      FloatVector u = FloatVector.fromArray(SPECIES, room, room0 + 2 * r * LANES);
      FloatVector v = FloatVector.fromArray(SPECIES, room, room0 + (2 * r + 1) * LANES);
      if (!first) {
        u = FloatVector.fromArray(SPECIES, out, at).add(u);
        v = FloatVector.fromArray(SPECIES, out, at + LANES).add(v);
      }
      if (bias != null) {
        u = u.add(FloatVector.fromArray(SPECIES, bias, bias0));
        v = v.add(FloatVector.fromArray(SPECIES, bias, bias0 + LANES));
      }
      u.intoArray(out, at);
      v.intoArray(out, at + LANES);
    }
  }

  static void eight(float[] x, int x0, float[] w, int w0, int count, float[] room) {
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
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector f = FloatVector.broadcast(SPECIES, x[from]);
      a0 = f.fma(u, a0);
      b0 = f.fma(v, b0);
      f = FloatVector.broadcast(SPECIES, x[from + 1]);
      a1 = f.fma(u, a1);
      b1 = f.fma(v, b1);
      f = FloatVector.broadcast(SPECIES, x[from + 2]);
      a2 = f.fma(u, a2);
      b2 = f.fma(v, b2);
      f = FloatVector.broadcast(SPECIES, x[from + 3]);
      a3 = f.fma(u, a3);
      b3 = f.fma(v, b3);
      f = FloatVector.broadcast(SPECIES, x[from + 4]);
      a4 = f.fma(u, a4);
      b4 = f.fma(v, b4);
      f = FloatVector.broadcast(SPECIES, x[from + 5]);
      a5 = f.fma(u, a5);
      b5 = f.fma(v, b5);
      f = FloatVector.broadcast(SPECIES, x[from + 6]);
      a6 = f.fma(u, a6);
      b6 = f.fma(v, b6);
      f = FloatVector.broadcast(SPECIES, x[from + 7]);
      a7 = f.fma(u, a7);
      b7 = f.fma(v, b7);
      at += 2 * LANES;
      from += 8;
    }
    a0.intoArray(room, 0);
    b0.intoArray(room, LANES);
    a1.intoArray(room, 2 * LANES);
    b1.intoArray(room, 3 * LANES);
    a2.intoArray(room, 4 * LANES);
    b2.intoArray(room, 5 * LANES);
    a3.intoArray(room, 6 * LANES);
    b3.intoArray(room, 7 * LANES);
    a4.intoArray(room, 8 * LANES);
    b4.intoArray(room, 9 * LANES);
    a5.intoArray(room, 10 * LANES);
    b5.intoArray(room, 11 * LANES);
    a6.intoArray(room, 12 * LANES);
    b6.intoArray(room, 13 * LANES);
    a7.intoArray(room, 14 * LANES);
    b7.intoArray(room, 15 * LANES);
  }

  static void four(float[] x, int x0, float[] w, int w0, int count, float[] room) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = FloatVector.zero(SPECIES);
    FloatVector a2 = FloatVector.zero(SPECIES);
    FloatVector b2 = FloatVector.zero(SPECIES);
    FloatVector a3 = FloatVector.zero(SPECIES);
    FloatVector b3 = FloatVector.zero(SPECIES);
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector f = FloatVector.broadcast(SPECIES, x[from]);
      a0 = f.fma(u, a0);
      b0 = f.fma(v, b0);
      f = FloatVector.broadcast(SPECIES, x[from + 1]);
      a1 = f.fma(u, a1);
      b1 = f.fma(v, b1);
      f = FloatVector.broadcast(SPECIES, x[from + 2]);
      a2 = f.fma(u, a2);
      b2 = f.fma(v, b2);
      f = FloatVector.broadcast(SPECIES, x[from + 3]);
      a3 = f.fma(u, a3);
      b3 = f.fma(v, b3);
      at += 2 * LANES;
      from += 4;
    }
    a0.intoArray(room, 0);
    b0.intoArray(room, LANES);
    a1.intoArray(room, 2 * LANES);
    b1.intoArray(room, 3 * LANES);
    a2.intoArray(room, 4 * LANES);
    b2.intoArray(room, 5 * LANES);
    a3.intoArray(room, 6 * LANES);
    b3.intoArray(room, 7 * LANES);
  }

  static void two(float[] x, int x0, float[] w, int w0, int count, float[] room) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = FloatVector.zero(SPECIES);
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector f = FloatVector.broadcast(SPECIES, x[from]);
      a0 = f.fma(u, a0);
      b0 = f.fma(v, b0);
      f = FloatVector.broadcast(SPECIES, x[from + 1]);
      a1 = f.fma(u, a1);
      b1 = f.fma(v, b1);
      at += 2 * LANES;
      from += 2;
    }
    a0.intoArray(room, 0);
    b0.intoArray(room, LANES);
    a1.intoArray(room, 2 * LANES);
    b1.intoArray(room, 3 * LANES);
  }

  static void one(float[] x, int x0, float[] w, int w0, int count, float[] room) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector f = FloatVector.broadcast(SPECIES, x[from]);
      a0 = f.fma(u, a0);
      b0 = f.fma(v, b0);
      at += 2 * LANES;
      from++;
    }
    a0.intoArray(room, 0);
    b0.intoArray(room, LANES);
  }
}
