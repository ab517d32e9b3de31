package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Precision;
import org.jspecify.annotations.Nullable;

/**
 * The innermost loops of an f32 backend, on bare arrays. All implementations keep {@code
 * kernels/CONTRACT.md}, so their results are equal bit for bit.
 *
 * <p>An argument {@code x0} is the index of {@code x}'s first element, {@code xStride} the distance
 * of its rows.
 */
public interface Kernels {

  /** What they run on, in one line for people. */
  String description();

  /** The columns of a panel, at most {@link #MAX_WIDTH}: {@link #tile} computes as many at once. */
  int width();

  /** The widest panel there is, and so how far beyond its end an array may be read. */
  int MAX_WIDTH = 64;

  /**
   * The most rows that {@link #tile} computes at once, a multiple of four and at most {@link
   * #MAX_TILE}. Tiles are of as many rows, or of four, two or one where fewer are left.
   */
  int tileRows();

  /** The greatest tile there is. */
  int MAX_TILE = 12;

  /**
   * Where the first cache line begins in an array that begins with one, as large arrays mostly do:
   * floats come after a head of 16 bytes.
   */
  int LINE = 12;

  /** So many ints beyond what it computes with may a loop over reduced weights call for. */
  int AHEAD = 1 << 11;

  /** From here on a scale times 2²³ may be too great for a float. */
  float MAX_SCALE = 0x1p104f;

  /** The lines of a whole group of int8 weights: its scales, and two inputs each. */
  int LINES_IN_A_GROUP = 1 + Precision.GROUP / 2;

  /** How many partial sums a sum over a row is kept in. */
  int PARTIALS = 16;

  /** Interleaves some rows as {@link Tiling} says, {@code count} elements of each. */
  default void interleave(
      float[] x, int x0, int stride, int rows, int count, float[] into, int into0) {
    Tiling.interleave(x, x0, stride, rows, count, into, into0);
  }

  /**
   * One block of a product, for one panel and one tile: {@code sum[r, j] = Σ_k x[k, r] · w[k, j]}
   * over {@code count} k from the first to the last, starting at zero, each by one fma; then {@code
   * out[r, j] = sum} if it is the {@code first} block and {@code out[r, j] + sum} if not.
   *
   * @param x {@code [count, rows]} without gaps: the tile's rows interleaved
   * @param rows {@link #tileRows}, four, two or one
   * @param w {@code [count, width]} without gaps
   * @param out {@code [rows, width]} without gaps
   * @param next where in w the floats are that will be wanted soon: the tile calls for one after
   *     each k, that they are near when their turn comes
   * @param step how far apart they are
   * @param room room for {@link #width} sums
   */
  void tile(
      float[] x,
      int x0,
      int rows,
      float[] w,
      int w0,
      int count,
      boolean first,
      float[] out,
      int out0,
      int next,
      int step,
      float[] room);

  /** {@code out[r, j] = a[r, j] + b[r, j]} for some rows of {@link #width} columns. */
  void add(
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int b0,
      int bStride,
      int rows,
      float[] out,
      int out0,
      int outStride);

  /** {@code into[r, j] = from[r, j]} for some rows of {@link #width} columns. */
  void copy(float[] from, int from0, int stride, int rows, float[] into, int into0, int intoStride);

  /**
   * Widens {@code count} inputs of a panel, packed as {@link Bf16Panels} says.
   *
   * @param w0 where the first line is; there is another panel's behind each
   * @param into {@code [count, width]}
   */
  void widenBf16(int[] words, int w0, int count, float[] into);

  /**
   * Widens {@code count} inputs of a panel from the beginning of a block on, packed as {@link
   * Int8Panels} says.
   *
   * @param w0 where the first line is; there is another panel's behind each
   * @param into {@code [count, width]}, and room for an input behind it
   */
  void widenInt8(int[] words, int w0, int count, float[] into);

  /**
   * The sums of {@link #tile} for one row and two panels that lie together; what {@link #widenBf16}
   * gives is not written down.
   *
   * @param sums the panels' sums side by side
   */
  void rowBf16(float[] x, int x0, int[] words, int w0, int count, float[] sums);

  /**
   * The sums of {@link #tile} for one row and two panels that lie together; what {@link #widenInt8}
   * gives is not written down. Scales are less than {@link #MAX_SCALE}.
   *
   * @param sums the panels' sums side by side
   */
  void rowInt8(float[] x, int x0, int[] words, int w0, int count, float[] sums);

  /**
   * Goes on with the sums of a block for one row: {@code sums[j] = fma(x[k], w[k, j], sums[j])} for
   * k from the first to the last.
   *
   * @param w {@code [count, width]} without gaps
   */
  void more(float[] x, int x0, float[] w, int w0, int count, float[] sums, int sums0);

  /** {@code out[i] = a[i] + b[i]} for {@code count} i. */
  void add(float[] a, int a0, float[] b, int b0, float[] out, int out0, int count);

  /** {@code x[i] = x[i] · factor} for {@code count} i. */
  void scale(float[] x, int x0, int count, float factor);

  /**
   * {@code out[i] = activation(x[i])} for {@code count} i; {@code out} may be {@code x}.
   *
   * @param room room for {@code count} intermediate results
   */
  void activate(
      Activation activation, float[] x, int x0, float[] out, int out0, int count, float[] room);

  /**
   * Layer normalisation of one row.
   *
   * @param normalized where to write the row before gain and bias; null if nobody asked
   * @param partials room for {@link #PARTIALS} sums
   * @return the scale
   */
  float layerNorm(
      float[] x,
      int x0,
      int count,
      float[] gain,
      int gain0,
      float[] bias,
      int bias0,
      float epsilon,
      float[] out,
      int out0,
      float @Nullable [] normalized,
      int normalized0,
      float[] partials);

  /** Softmax of one row; {@code out} may be {@code x}. */
  void softmax(float[] x, int x0, float[] out, int out0, int count, float[] partials);

  /** The logarithm of the softmax of one row; {@code out} may be {@code x}. */
  void logSoftmax(float[] x, int x0, float[] out, int out0, int count, float[] partials);
}
