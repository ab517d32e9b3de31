package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.f32.Kernels.LINE;
import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * One block of a product for a tile of rows by one panel, two vectors wide: each row keeps two sums
 * in registers. The rows of x lie interleaved, so that one index finds them all.
 *
 * <p>All variants add in the same order, so which of them computes a row cannot be seen.
 *
 * <p>After each k a tile calls for a float that will be wanted soon. Java has no instruction for
 * that. A plain load does it, but nothing behind it retires before it is there. A store under an
 * empty mask changes nothing and is waited for by nobody, and the processor fetches the line all
 * the same: with the weights in memory, one core of an AVX-512 Xeon multiplied 16, 64 and 256 rows
 * 1.6, 1.45 and 1.1 times as fast as without (with loads 1.1, 1.27, 1.08). Only there is a vector a
 * line.
 */
final class Tiles {
  private static final boolean STORES = LANES == 16;

  /** No lane at all. Not a constant, or the compiler might see that nothing is stored. */
  @SuppressWarnings("FieldCanBeFinal")
  private static long noLane = 0;

  private Tiles() {}

  /** The sums of rows side by side: {@code out[r, j] = a[r, j] + b[r, j]}. */
  static void add(
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int b0,
      int bStride,
      int rows,
      float[] out,
      int out0,
      int outStride) {
    for (int r = 0; r < rows; r++) {
      int from = a0 + r * aStride;
      int more = b0 + r * bStride;
      int to = out0 + r * outStride;
      FloatVector u = FloatVector.fromArray(SPECIES, a, from);
      FloatVector v = FloatVector.fromArray(SPECIES, a, from + LANES);
      u.add(FloatVector.fromArray(SPECIES, b, more)).intoArray(out, to);
      v.add(FloatVector.fromArray(SPECIES, b, more + LANES)).intoArray(out, to + LANES);
    }
  }

  /** Copies rows of the width of a panel. */
  static void copy(
      float[] from, int from0, int stride, int rows, float[] into, int into0, int intoStride) {
    int at = from0;
    int to = into0;
    for (int r = 0; r < rows; r++) {
      FloatVector u = FloatVector.fromArray(SPECIES, from, at);
      FloatVector v = FloatVector.fromArray(SPECIES, from, at + LANES);
      u.intoArray(into, to);
      v.intoArray(into, to + LANES);
      at += stride;
      to += intoStride;
    }
  }

  /** Makes the compiler believe that what was loaded mattered. */
  private static void seen(int bits) {
    if (bits == Integer.MIN_VALUE && noLane != 0) {
      throw new AssertionError("no lane is set");
    }
  }

  static void twelve(
      float[] x,
      int x0,
      float[] w,
      int w0,
      int count,
      float[] out,
      int out0,
      int wanted,
      int step) {
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
    FloatVector a8 = FloatVector.zero(SPECIES);
    FloatVector b8 = FloatVector.zero(SPECIES);
    FloatVector a9 = FloatVector.zero(SPECIES);
    FloatVector b9 = FloatVector.zero(SPECIES);
    FloatVector a10 = FloatVector.zero(SPECIES);
    FloatVector b10 = FloatVector.zero(SPECIES);
    FloatVector a11 = FloatVector.zero(SPECIES);
    FloatVector b11 = FloatVector.zero(SPECIES);
    VectorMask<Float> none = VectorMask.fromLong(SPECIES, noLane);
    int next = wanted;
    int bits = 0;
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      if (STORES) {
        u.intoArray(w, (next & -LANES) + LINE, none);
      } else {
        bits |= Float.floatToRawIntBits(w[next]);
      }
      next += step;
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
      f = FloatVector.broadcast(SPECIES, x[from + 8]);
      a8 = f.fma(u, a8);
      b8 = f.fma(v, b8);
      f = FloatVector.broadcast(SPECIES, x[from + 9]);
      a9 = f.fma(u, a9);
      b9 = f.fma(v, b9);
      f = FloatVector.broadcast(SPECIES, x[from + 10]);
      a10 = f.fma(u, a10);
      b10 = f.fma(v, b10);
      f = FloatVector.broadcast(SPECIES, x[from + 11]);
      a11 = f.fma(u, a11);
      b11 = f.fma(v, b11);
      at += 2 * LANES;
      from += 12;
    }
    seen(bits);
    a0.intoArray(out, out0);
    b0.intoArray(out, out0 + LANES);
    a1.intoArray(out, out0 + 2 * LANES);
    b1.intoArray(out, out0 + 3 * LANES);
    a2.intoArray(out, out0 + 4 * LANES);
    b2.intoArray(out, out0 + 5 * LANES);
    a3.intoArray(out, out0 + 6 * LANES);
    b3.intoArray(out, out0 + 7 * LANES);
    a4.intoArray(out, out0 + 8 * LANES);
    b4.intoArray(out, out0 + 9 * LANES);
    a5.intoArray(out, out0 + 10 * LANES);
    b5.intoArray(out, out0 + 11 * LANES);
    a6.intoArray(out, out0 + 12 * LANES);
    b6.intoArray(out, out0 + 13 * LANES);
    a7.intoArray(out, out0 + 14 * LANES);
    b7.intoArray(out, out0 + 15 * LANES);
    a8.intoArray(out, out0 + 16 * LANES);
    b8.intoArray(out, out0 + 17 * LANES);
    a9.intoArray(out, out0 + 18 * LANES);
    b9.intoArray(out, out0 + 19 * LANES);
    a10.intoArray(out, out0 + 20 * LANES);
    b10.intoArray(out, out0 + 21 * LANES);
    a11.intoArray(out, out0 + 22 * LANES);
    b11.intoArray(out, out0 + 23 * LANES);
  }

  static void twelveMore(
      float[] x,
      int x0,
      float[] w,
      int w0,
      int count,
      float[] out,
      int out0,
      int wanted,
      int step) {
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
    FloatVector a8 = FloatVector.zero(SPECIES);
    FloatVector b8 = FloatVector.zero(SPECIES);
    FloatVector a9 = FloatVector.zero(SPECIES);
    FloatVector b9 = FloatVector.zero(SPECIES);
    FloatVector a10 = FloatVector.zero(SPECIES);
    FloatVector b10 = FloatVector.zero(SPECIES);
    FloatVector a11 = FloatVector.zero(SPECIES);
    FloatVector b11 = FloatVector.zero(SPECIES);
    VectorMask<Float> none = VectorMask.fromLong(SPECIES, noLane);
    int next = wanted;
    int bits = 0;
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      if (STORES) {
        u.intoArray(w, (next & -LANES) + LINE, none);
      } else {
        bits |= Float.floatToRawIntBits(w[next]);
      }
      next += step;
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
      f = FloatVector.broadcast(SPECIES, x[from + 8]);
      a8 = f.fma(u, a8);
      b8 = f.fma(v, b8);
      f = FloatVector.broadcast(SPECIES, x[from + 9]);
      a9 = f.fma(u, a9);
      b9 = f.fma(v, b9);
      f = FloatVector.broadcast(SPECIES, x[from + 10]);
      a10 = f.fma(u, a10);
      b10 = f.fma(v, b10);
      f = FloatVector.broadcast(SPECIES, x[from + 11]);
      a11 = f.fma(u, a11);
      b11 = f.fma(v, b11);
      at += 2 * LANES;
      from += 12;
    }
    seen(bits);
    FloatVector.fromArray(SPECIES, out, out0).add(a0).intoArray(out, out0);
    FloatVector.fromArray(SPECIES, out, out0 + LANES).add(b0).intoArray(out, out0 + LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 2 * LANES).add(a1).intoArray(out, out0 + 2 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 3 * LANES).add(b1).intoArray(out, out0 + 3 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 4 * LANES).add(a2).intoArray(out, out0 + 4 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 5 * LANES).add(b2).intoArray(out, out0 + 5 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 6 * LANES).add(a3).intoArray(out, out0 + 6 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 7 * LANES).add(b3).intoArray(out, out0 + 7 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 8 * LANES).add(a4).intoArray(out, out0 + 8 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 9 * LANES).add(b4).intoArray(out, out0 + 9 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 10 * LANES)
        .add(a5)
        .intoArray(out, out0 + 10 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 11 * LANES)
        .add(b5)
        .intoArray(out, out0 + 11 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 12 * LANES)
        .add(a6)
        .intoArray(out, out0 + 12 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 13 * LANES)
        .add(b6)
        .intoArray(out, out0 + 13 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 14 * LANES)
        .add(a7)
        .intoArray(out, out0 + 14 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 15 * LANES)
        .add(b7)
        .intoArray(out, out0 + 15 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 16 * LANES)
        .add(a8)
        .intoArray(out, out0 + 16 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 17 * LANES)
        .add(b8)
        .intoArray(out, out0 + 17 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 18 * LANES)
        .add(a9)
        .intoArray(out, out0 + 18 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 19 * LANES)
        .add(b9)
        .intoArray(out, out0 + 19 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 20 * LANES)
        .add(a10)
        .intoArray(out, out0 + 20 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 21 * LANES)
        .add(b10)
        .intoArray(out, out0 + 21 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 22 * LANES)
        .add(a11)
        .intoArray(out, out0 + 22 * LANES);
    FloatVector.fromArray(SPECIES, out, out0 + 23 * LANES)
        .add(b11)
        .intoArray(out, out0 + 23 * LANES);
  }

  static void four(
      float[] x,
      int x0,
      float[] w,
      int w0,
      int count,
      boolean first,
      float[] out,
      int out0,
      int wanted,
      int step) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = FloatVector.zero(SPECIES);
    FloatVector a2 = FloatVector.zero(SPECIES);
    FloatVector b2 = FloatVector.zero(SPECIES);
    FloatVector a3 = FloatVector.zero(SPECIES);
    FloatVector b3 = FloatVector.zero(SPECIES);
    VectorMask<Float> none = VectorMask.fromLong(SPECIES, noLane);
    int next = wanted;
    int bits = 0;
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      if (STORES) {
        u.intoArray(w, (next & -LANES) + LINE, none);
      } else {
        bits |= Float.floatToRawIntBits(w[next]);
      }
      next += step;
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
    seen(bits);
    if (first) {
      a0.intoArray(out, out0);
      b0.intoArray(out, out0 + LANES);
      a1.intoArray(out, out0 + 2 * LANES);
      b1.intoArray(out, out0 + 3 * LANES);
      a2.intoArray(out, out0 + 4 * LANES);
      b2.intoArray(out, out0 + 5 * LANES);
      a3.intoArray(out, out0 + 6 * LANES);
      b3.intoArray(out, out0 + 7 * LANES);
    } else {
      FloatVector.fromArray(SPECIES, out, out0).add(a0).intoArray(out, out0);
      FloatVector.fromArray(SPECIES, out, out0 + LANES).add(b0).intoArray(out, out0 + LANES);
      FloatVector.fromArray(SPECIES, out, out0 + 2 * LANES)
          .add(a1)
          .intoArray(out, out0 + 2 * LANES);
      FloatVector.fromArray(SPECIES, out, out0 + 3 * LANES)
          .add(b1)
          .intoArray(out, out0 + 3 * LANES);
      FloatVector.fromArray(SPECIES, out, out0 + 4 * LANES)
          .add(a2)
          .intoArray(out, out0 + 4 * LANES);
      FloatVector.fromArray(SPECIES, out, out0 + 5 * LANES)
          .add(b2)
          .intoArray(out, out0 + 5 * LANES);
      FloatVector.fromArray(SPECIES, out, out0 + 6 * LANES)
          .add(a3)
          .intoArray(out, out0 + 6 * LANES);
      FloatVector.fromArray(SPECIES, out, out0 + 7 * LANES)
          .add(b3)
          .intoArray(out, out0 + 7 * LANES);
    }
  }

  static void two(
      float[] x,
      int x0,
      float[] w,
      int w0,
      int count,
      boolean first,
      float[] out,
      int out0,
      int wanted,
      int step) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = FloatVector.zero(SPECIES);
    VectorMask<Float> none = VectorMask.fromLong(SPECIES, noLane);
    int next = wanted;
    int bits = 0;
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      if (STORES) {
        u.intoArray(w, (next & -LANES) + LINE, none);
      } else {
        bits |= Float.floatToRawIntBits(w[next]);
      }
      next += step;
      FloatVector f = FloatVector.broadcast(SPECIES, x[from]);
      a0 = f.fma(u, a0);
      b0 = f.fma(v, b0);
      f = FloatVector.broadcast(SPECIES, x[from + 1]);
      a1 = f.fma(u, a1);
      b1 = f.fma(v, b1);
      at += 2 * LANES;
      from += 2;
    }
    seen(bits);
    if (first) {
      a0.intoArray(out, out0);
      b0.intoArray(out, out0 + LANES);
      a1.intoArray(out, out0 + 2 * LANES);
      b1.intoArray(out, out0 + 3 * LANES);
    } else {
      FloatVector.fromArray(SPECIES, out, out0).add(a0).intoArray(out, out0);
      FloatVector.fromArray(SPECIES, out, out0 + LANES).add(b0).intoArray(out, out0 + LANES);
      FloatVector.fromArray(SPECIES, out, out0 + 2 * LANES)
          .add(a1)
          .intoArray(out, out0 + 2 * LANES);
      FloatVector.fromArray(SPECIES, out, out0 + 3 * LANES)
          .add(b1)
          .intoArray(out, out0 + 3 * LANES);
    }
  }

  static void one(
      float[] x, int x0, float[] w, int w0, int count, boolean first, float[] out, int out0) {
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
    if (first) {
      a0.intoArray(out, out0);
      b0.intoArray(out, out0 + LANES);
    } else {
      FloatVector.fromArray(SPECIES, out, out0).add(a0).intoArray(out, out0);
      FloatVector.fromArray(SPECIES, out, out0 + LANES).add(b0).intoArray(out, out0 + LANES);
    }
  }

  /** Goes on with the sums of a row. */
  static void more(float[] x, int x0, float[] w, int w0, int count, float[] sums, int sums0) {
    FloatVector a0 = FloatVector.fromArray(SPECIES, sums, sums0);
    FloatVector b0 = FloatVector.fromArray(SPECIES, sums, sums0 + LANES);
    int at = w0;
    for (int k = 0; k < count; k++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, at);
      FloatVector v = FloatVector.fromArray(SPECIES, w, at + LANES);
      FloatVector f = FloatVector.broadcast(SPECIES, x[x0 + k]);
      a0 = f.fma(u, a0);
      b0 = f.fma(v, b0);
      at += 2 * LANES;
    }
    a0.intoArray(sums, sums0);
    b0.intoArray(sums, sums0 + LANES);
  }
}
