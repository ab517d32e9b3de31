package dev.vitrine.kernels.f32;

/**
 * How rows are cut into tiles, and a tile's rows interleaved: element {@code [r, k]} of a tile of n
 * rows lies at {@code k · n + r}, so that the innermost loop reads one place after another. The
 * tile that begins with row r lies at {@code r} times the length of a row.
 */
public final class Tiling {
  private Tiling() {}

  /**
   * The rows of the next tile, where {@code left} rows are left: as many as a tile may have, or
   * else four, two or one.
   *
   * @param most the most rows of a tile, a multiple of four
   */
  static int rows(int left, int most) {
    return left >= most ? most : Integer.highestOneBit(Math.min(left, 4));
  }

  /** How many tiles that makes of {@code rows} rows. */
  static int tiles(int rows, int most) {
    int rest = rows % most;
    return rows / most + rest / 4 + Integer.bitCount(rest % 4);
  }

  /** Interleaves {@code rows} rows of {@code count} elements. */
  public static void interleave(
      float[] x, int x0, int stride, int rows, int count, float[] into, int into0) {
    if (rows % 4 == 0) {
      for (int r = 0; r < rows; r += 4) {
        interleaveFour(x, x0 + r * stride, stride, count, into, into0 + r, rows);
      }
    } else if (rows == 2) {
      int at = into0;
      for (int k = 0; k < count; k++) {
        into[at] = x[x0 + k];
        into[at + 1] = x[x0 + stride + k];
        at += 2;
      }
    } else {
      System.arraycopy(x, x0, into, into0, count);
    }
  }

  private static void interleaveFour(
      float[] x, int x0, int stride, int count, float[] into, int into0, int step) {
    int x1 = x0 + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    int at = into0;
    for (int k = 0; k < count; k++) {
      into[at] = x[x0 + k];
      into[at + 1] = x[x1 + k];
      into[at + 2] = x[x2 + k];
      into[at + 3] = x[x3 + k];
      at += step;
    }
  }
}
