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
  static final boolean STORES = LANES == 16;

  /** No lane at all. Not a constant, or the compiler might see that nothing is stored. */
  @SuppressWarnings("FieldCanBeFinal")
  static long noLane = 0;

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
  static void seen(int bits) {
    if (bits == Integer.MIN_VALUE && noLane != 0) {
      throw new AssertionError("no lane is set");
    }
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
