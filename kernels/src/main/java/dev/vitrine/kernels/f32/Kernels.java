package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Activation;
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

  /**
   * The columns of a panel, at most {@link #MAX_WIDTH}: {@link #block} computes as many at once.
   */
  int width();

  /** The widest panel there is, and so how far beyond its end an array may be read. */
  int MAX_WIDTH = 64;

  /** How many partial sums a sum over a row is kept in. */
  int PARTIALS = 16;

  /**
   * One block of a product, for one panel: {@code sum[r, j] = Σ_k x[r, k] · w[k, j]} over {@code
   * count} k from the first to the last, starting at zero, each by one fma; then {@code out[r, j] =
   * sum} if it is the {@code first} block and {@code out[r, j] + sum} if not; then {@code +
   * bias[j]} unless that is null.
   *
   * @param x {@code [rows, count]}
   * @param w {@code [count, width]}; up to {@link #width} elements are read in each row
   * @param out {@code [rows, width]}
   */
  void block(
      float[] x,
      int x0,
      int xStride,
      int rows,
      float[] w,
      int w0,
      int wStride,
      int count,
      boolean first,
      float @Nullable [] bias,
      int bias0,
      float[] out,
      int out0,
      int outStride);

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
