package dev.vitrine.kernels;

import org.jspecify.annotations.Nullable;

/** The shapes that {@link Backend}'s operations demand; every backend checks by these. */
public final class Shapes {
  private Shapes() {}

  /** Says {@code what} must be {@code [rows, columns]}, and what it is, unless it is. */
  public static void check(String what, @Nullable Array array, int rows, int columns) {
    if (array != null && (array.rows() != rows || array.columns() != columns)) {
      throw mismatch(what, shape(array), shape(rows, columns));
    }
  }

  /** Checks that both arrays have one shape. */
  public static void same(String what, Array array, Array like) {
    check(what, array, like.rows(), like.columns());
  }

  /** The demands of {@link Backend#copy}. */
  public static void copy(Array from, int fromRow, Array to, int toRow, int count) {
    if (from.columns() != to.columns()) {
      throw mismatch("to", shape(to), "[…, " + from.columns() + "]");
    }
    range("from", from, fromRow, count);
    range("to", to, toRow, count);
  }

  /** The demands of {@link Backend#write} and {@link Backend#read}. */
  public static void part(Array array, int row, int column, int count, int length, int at) {
    range("array", array, row, 1);
    if (column < 0 || count < 0 || column > array.columns() - count) {
      throw new IllegalArgumentException(
          "columns %d to %d of an array %s".formatted(column, (long) column + count, shape(array)));
    }
    if (at < 0 || at > length - count) {
      throw new IllegalArgumentException(
          "elements %d to %d of %d".formatted(at, (long) at + count, length));
    }
  }

  /** The demands of {@link Backend#product}. */
  public static void product(Array x, Matrix matrix, @Nullable Array bias, Array out) {
    check("x", x, x.rows(), matrix.in());
    check("bias", bias, 1, matrix.out());
    check("out", out, x.rows(), matrix.out());
  }

  /** The demands of {@link Backend#blocks}. */
  public static void blocks(Array x, Matrix matrix, Array out) {
    check("x", x, x.rows(), matrix.in());
    check("out", out, x.rows(), Math.multiplyExact(blocks(matrix), matrix.out()));
  }

  /** How many blocks the input axis of {@code matrix} is cut into. */
  public static int blocks(Matrix matrix) {
    return Math.ceilDiv(matrix.in(), matrix.block());
  }

  /** The demands of {@link Backend#gather}. */
  public static void gather(Matrix matrix, int[] columns, Array out) {
    check("out", out, columns.length, matrix.in());
    for (int column : columns) {
      if (column < 0 || column >= matrix.out()) {
        throw new IllegalArgumentException(
            "column %d of a matrix %s".formatted(column, shape(matrix.in(), matrix.out())));
      }
    }
  }

  /** The demands of {@link Backend#layerNorm}. */
  public static void layerNorm(
      Array x,
      Array gain,
      Array bias,
      Array out,
      @Nullable Array scale,
      @Nullable Array normalized) {
    check("gain", gain, 1, x.columns());
    check("bias", bias, 1, x.columns());
    same("out", out, x);
    check("scale", scale, x.rows(), 1);
    check("normalized", normalized, x.rows(), x.columns());
  }

  /** The demands of {@link Backend#normalize}. */
  public static void normalize(Array x, Array scale, Array out) {
    check("scale", scale, x.rows(), 1);
    same("out", out, x);
  }

  /** The demands of {@link Backend#affine}. */
  public static void affine(Array x, Array gain, Array bias, Array out) {
    layerNorm(x, gain, bias, out, null, null);
  }

  /** The demands of {@link Backend#attend} on one of its spans. */
  public static void span(int heads, Array q, Span span, Array z) {
    if (heads < 1 || q.columns() % heads != 0) {
      throw new IllegalArgumentException("%d heads of q %s".formatted(heads, shape(q)));
    }
    same("z", z, q);
    range("q", q, span.row(), span.count());
    int seen = Math.addExact(span.position(), span.count());
    check("keys", span.keys(), span.keys().rows(), q.columns());
    range("keys", span.keys(), 0, seen);
    check("values", span.values(), span.values().rows(), q.columns());
    range("values", span.values(), 0, seen);
    pairs("scores", heads, span, span.scores());
    pairs("pattern", heads, span, span.pattern());
  }

  /** The demands of {@link Backend#mix} on one of its spans. */
  public static void mix(int heads, Span span, Array z) {
    pattern(span);
    span(heads, z, span, z);
  }

  /** The pattern of a span that must have one. */
  public static Array pattern(Span span) {
    if (span.pattern() == null) {
      throw new IllegalArgumentException("a span without a pattern to mix by");
    }
    return span.pattern();
  }

  /** The length of a matrix's blocks, once it is seen to be positive. */
  public static int block(int block) {
    if (block < 1) {
      throw new IllegalArgumentException("blocks of length " + block);
    }
    return block;
  }

  private static void pairs(String what, int heads, Span span, @Nullable Array array) {
    if (array == null) {
      return;
    }
    check(what, array, Math.multiplyExact(heads, span.count()), array.columns());
    if (array.columns() < span.position() + span.count()) {
      throw mismatch(
          what, shape(array), "at least %d columns".formatted(span.position() + span.count()));
    }
  }

  private static void range(String what, Array array, int row, int count) {
    if (row < 0 || count < 0 || row > array.rows() - count) {
      throw new IllegalArgumentException(
          "rows %d to %d of %s %s".formatted(row, (long) row + count, what, shape(array)));
    }
  }

  private static IllegalArgumentException mismatch(String what, String is, String expected) {
    return new IllegalArgumentException("%s is %s, expected %s".formatted(what, is, expected));
  }

  private static String shape(Array array) {
    return shape(array.rows(), array.columns());
  }

  private static String shape(int rows, int columns) {
    return "[%d, %d]".formatted(rows, columns);
  }
}
