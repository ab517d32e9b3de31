package dev.vitrine.kernels.scalar;

/**
 * Eight sums of a tile over one block, each in a register of its own: so many that the processor
 * need not wait for one to begin the next, and so few that none spills. They are added to one k
 * after another, as {@code kernels/CONTRACT.md} has it.
 *
 * <p>Small methods that are called often are compiled early. A loop over a row of sums in memory
 * reaches 0.4 of their speed, as the compiler makes no vectors of it: the sums and the weights
 * might be the same array (AVX-512 Xeon).
 */
final class ScalarTiles {
  private ScalarTiles() {}

  /** Four rows of {@code stride} by two columns. */
  static void four(
      float[] x,
      int x0,
      int stride,
      float[] w,
      int w0,
      int width,
      int count,
      boolean first,
      float[] out,
      int out0) {
    float a0 = 0;
    float a1 = 0;
    float b0 = 0;
    float b1 = 0;
    float c0 = 0;
    float c1 = 0;
    float d0 = 0;
    float d1 = 0;
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      float u = w[at];
      float v = w[at + 1];
      float f = x[from];
      a0 = Math.fma(f, u, a0);
      a1 = Math.fma(f, v, a1);
      f = x[from + 1];
      b0 = Math.fma(f, u, b0);
      b1 = Math.fma(f, v, b1);
      f = x[from + 2];
      c0 = Math.fma(f, u, c0);
      c1 = Math.fma(f, v, c1);
      f = x[from + 3];
      d0 = Math.fma(f, u, d0);
      d1 = Math.fma(f, v, d1);
      from += stride;
      at += width;
    }
    int to = out0;
    put(a0, a1, first, out, to);
    to += width;
    put(b0, b1, first, out, to);
    to += width;
    put(c0, c1, first, out, to);
    to += width;
    put(d0, d1, first, out, to);
  }

  /** Two rows by four columns. */
  static void two(
      float[] x,
      int x0,
      float[] w,
      int w0,
      int width,
      int count,
      boolean first,
      float[] out,
      int out0) {
    float a0 = 0;
    float a1 = 0;
    float a2 = 0;
    float a3 = 0;
    float b0 = 0;
    float b1 = 0;
    float b2 = 0;
    float b3 = 0;
    int from = x0;
    int at = w0;
    for (int k = 0; k < count; k++) {
      float f = x[from];
      float g = x[from + 1];
      float u = w[at];
      a0 = Math.fma(f, u, a0);
      b0 = Math.fma(g, u, b0);
      u = w[at + 1];
      a1 = Math.fma(f, u, a1);
      b1 = Math.fma(g, u, b1);
      u = w[at + 2];
      a2 = Math.fma(f, u, a2);
      b2 = Math.fma(g, u, b2);
      u = w[at + 3];
      a3 = Math.fma(f, u, a3);
      b3 = Math.fma(g, u, b3);
      from += 2;
      at += width;
    }
    put(a0, a1, first, out, out0);
    put(a2, a3, first, out, out0 + 2);
    put(b0, b1, first, out, out0 + width);
    put(b2, b3, first, out, out0 + width + 2);
  }

  /** Two sums where they stand, or added to what stands there. */
  private static void put(float a, float b, boolean first, float[] out, int at) {
    out[at] = first ? a : out[at] + a;
    out[at + 1] = first ? b : out[at + 1] + b;
  }
}
