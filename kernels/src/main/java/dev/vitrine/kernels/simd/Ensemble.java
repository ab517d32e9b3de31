package dev.vitrine.kernels.simd;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.f32.Kernels;
import dev.vitrine.kernels.scalar.ScalarKernels;
import org.jspecify.annotations.Nullable;

/**
 * The kernels on vectors, and a plain twin that plays the part of each until it is compiled. Nobody
 * can tell from a result who played: both keep {@code kernels/CONTRACT.md}.
 */
public final class Ensemble implements Kernels {
  private static final SimdKernels VECTORS = new SimdKernels();
  private static final ScalarKernels PLAIN = new ScalarKernels(VECTORS.width());
  private static final Ensemble KERNELS = new Ensemble();

  static {
    Rehearsal.begin(VECTORS, PLAIN);
  }

  private Ensemble() {}

  /** The one there is, as compiled code is the process's. */
  public static Kernels kernels() {
    return KERNELS;
  }

  @Override
  public String description() {
    return VECTORS.description();
  }

  @Override
  public int width() {
    return VECTORS.width();
  }

  @Override
  public int tileRows() {
    return VECTORS.tileRows();
  }

  @Override
  public void interleave(
      float[] x, int x0, int stride, int rows, int count, float[] into, int into0) {
    if (Part.INTERLEAVE.isLearnt()) {
      VECTORS.interleave(x, x0, stride, rows, count, into, into0);
    } else {
      PLAIN.interleave(x, x0, stride, rows, count, into, into0);
    }
  }

  @Override
  public void tile(
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
      float[] room) {
    if (Part.tile(rows).isLearnt()) {
      VECTORS.tile(x, x0, rows, w, w0, count, first, out, out0, next, step, room);
    } else {
      PLAIN.tile(x, x0, rows, w, w0, count, first, out, out0, next, step, room);
    }
  }

  @Override
  public void add(
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
    if (Part.ADD_TO_ROWS.isLearnt()) {
      VECTORS.add(a, a0, aStride, b, b0, bStride, rows, out, out0, outStride);
    } else {
      PLAIN.add(a, a0, aStride, b, b0, bStride, rows, out, out0, outStride);
    }
  }

  @Override
  public void copy(
      float[] from, int from0, int stride, int rows, float[] into, int into0, int intoStride) {
    if (Part.COPY_ROWS.isLearnt()) {
      VECTORS.copy(from, from0, stride, rows, into, into0, intoStride);
    } else {
      PLAIN.copy(from, from0, stride, rows, into, into0, intoStride);
    }
  }

  @Override
  public void widenBf16(int[] words, int w0, int count, float[] into) {
    if (Part.WIDEN_BF16.isLearnt()) {
      VECTORS.widenBf16(words, w0, count, into);
    } else {
      PLAIN.widenBf16(words, w0, count, into);
    }
  }

  @Override
  public void widenInt8(int[] words, int w0, int count, float[] into) {
    if (Part.WIDEN_INT8.isLearnt()) {
      VECTORS.widenInt8(words, w0, count, into);
    } else {
      PLAIN.widenInt8(words, w0, count, into);
    }
  }

  @Override
  public void rowBf16(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    if (Part.ROW_BF16.isLearnt()) {
      VECTORS.rowBf16(x, x0, words, w0, count, sums);
    } else {
      PLAIN.rowBf16(x, x0, words, w0, count, sums);
    }
  }

  @Override
  public void rowInt8(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    if (Part.ROW_INT8.isLearnt()) {
      VECTORS.rowInt8(x, x0, words, w0, count, sums);
    } else {
      PLAIN.rowInt8(x, x0, words, w0, count, sums);
    }
  }

  @Override
  public void more(float[] x, int x0, float[] w, int w0, int count, float[] sums, int sums0) {
    if (Part.MORE.isLearnt()) {
      VECTORS.more(x, x0, w, w0, count, sums, sums0);
    } else {
      PLAIN.more(x, x0, w, w0, count, sums, sums0);
    }
  }

  @Override
  public void add(float[] a, int a0, float[] b, int b0, float[] out, int out0, int count) {
    if (Part.ADD.isLearnt()) {
      VECTORS.add(a, a0, b, b0, out, out0, count);
    } else {
      PLAIN.add(a, a0, b, b0, out, out0, count);
    }
  }

  @Override
  public void scale(float[] x, int x0, int count, float factor) {
    if (Part.SCALE.isLearnt()) {
      VECTORS.scale(x, x0, count, factor);
    } else {
      PLAIN.scale(x, x0, count, factor);
    }
  }

  @Override
  public void activate(
      Activation activation, float[] x, int x0, float[] out, int out0, int count, float[] room) {
    if (Part.activation(activation).isLearnt()) {
      VECTORS.activate(activation, x, x0, out, out0, count, room);
    } else {
      PLAIN.activate(activation, x, x0, out, out0, count, room);
    }
  }

  @Override
  public float layerNorm(
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
      float[] partials) {
    return Part.LAYER_NORM.isLearnt()
        ? VECTORS.layerNorm(
            x,
            x0,
            count,
            gain,
            gain0,
            bias,
            bias0,
            epsilon,
            out,
            out0,
            normalized,
            normalized0,
            partials)
        : PLAIN.layerNorm(
            x,
            x0,
            count,
            gain,
            gain0,
            bias,
            bias0,
            epsilon,
            out,
            out0,
            normalized,
            normalized0,
            partials);
  }

  @Override
  public void softmax(float[] x, int x0, float[] out, int out0, int count, float[] partials) {
    if (Part.SOFTMAX.isLearnt()) {
      VECTORS.softmax(x, x0, out, out0, count, partials);
    } else {
      PLAIN.softmax(x, x0, out, out0, count, partials);
    }
  }

  @Override
  public void logSoftmax(float[] x, int x0, float[] out, int out0, int count, float[] partials) {
    if (Part.LOG_SOFTMAX.isLearnt()) {
      VECTORS.logSoftmax(x, x0, out, out0, count, partials);
    } else {
      PLAIN.logSoftmax(x, x0, out, out0, count, partials);
    }
  }
}
