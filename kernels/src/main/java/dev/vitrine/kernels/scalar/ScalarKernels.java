package dev.vitrine.kernels.scalar;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.f32.Functions;
import dev.vitrine.kernels.f32.Kernels;
import org.jspecify.annotations.Nullable;

/** The loops of {@code kernels/CONTRACT.md} as they are written there. */
public final class ScalarKernels implements Kernels {
  /** So many sums at once that the compiler finds vectors in the loop over them. */
  private static final int WIDTH = 64;

  @Override
  public String description() {
    return "plain Java";
  }

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public void block(
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
      int outStride) {
    float[] sum = new float[WIDTH];
    for (int r = 0; r < rows; r++) {
      sum(x, x0 + r * xStride, w, w0, wStride, count, sum);
      int o = out0 + r * outStride;
      for (int j = 0; j < WIDTH; j++) {
        float total = first ? sum[j] : out[o + j] + sum[j];
        out[o + j] = bias == null ? total : total + bias[bias0 + j];
      }
    }
  }

  private static void sum(
      float[] x, int x0, float[] w, int w0, int wStride, int count, float[] sum) {
    for (int j = 0; j < WIDTH; j++) {
      sum[j] = 0f;
    }
    for (int k = 0; k < count; k++) {
      float factor = x[x0 + k];
      int at = w0 + k * wStride;
      for (int j = 0; j < WIDTH; j++) {
        sum[j] = Math.fma(factor, w[at + j], sum[j]);
      }
    }
  }

  @Override
  public void add(float[] a, int a0, float[] b, int b0, float[] out, int out0, int count) {
    for (int i = 0; i < count; i++) {
      out[out0 + i] = a[a0 + i] + b[b0 + i];
    }
  }

  @Override
  public void scale(float[] x, int x0, int count, float factor) {
    for (int i = 0; i < count; i++) {
      x[x0 + i] *= factor;
    }
  }

  @Override
  public void activate(
      Activation activation, float[] x, int x0, float[] out, int out0, int count, float[] room) {
    for (int i = 0; i < count; i++) {
      out[out0 + i] = Functions.activate(activation, x[x0 + i]);
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
    clear(partials);
    for (int c = 0; c < count; c++) {
      partials[c % PARTIALS] += x[x0 + c];
    }
    float mean = Functions.fold(partials) / count;
    clear(partials);
    for (int c = 0; c < count; c++) {
      float centred = x[x0 + c] - mean;
      partials[c % PARTIALS] = Math.fma(centred, centred, partials[c % PARTIALS]);
    }
    float scale = (float) Math.sqrt(Functions.fold(partials) / count + epsilon);
    for (int c = 0; c < count; c++) {
      float value = (x[x0 + c] - mean) / scale;
      if (normalized != null) {
        normalized[normalized0 + c] = value;
      }
      out[out0 + c] = Math.fma(value, gain[gain0 + c], bias[bias0 + c]);
    }
    return scale;
  }

  @Override
  public void softmax(float[] x, int x0, float[] out, int out0, int count, float[] partials) {
    float max = max(x, x0, count);
    clear(partials);
    for (int c = 0; c < count; c++) {
      float e = Functions.exp(x[x0 + c] - max);
      partials[c % PARTIALS] += e;
      out[out0 + c] = e;
    }
    float sum = Functions.fold(partials);
    for (int c = 0; c < count; c++) {
      out[out0 + c] /= sum;
    }
  }

  @Override
  public void logSoftmax(float[] x, int x0, float[] out, int out0, int count, float[] partials) {
    float max = max(x, x0, count);
    clear(partials);
    for (int c = 0; c < count; c++) {
      partials[c % PARTIALS] += Functions.exp(x[x0 + c] - max);
    }
    float log = Functions.log(Functions.fold(partials));
    for (int c = 0; c < count; c++) {
      out[out0 + c] = x[x0 + c] - max - log;
    }
  }

  /** The greatest element that is a number; -inf if there is none. */
  private static float max(float[] x, int x0, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < count; c++) {
      max = x[x0 + c] > max ? x[x0 + c] : max;
    }
    return max;
  }

  private static void clear(float[] partials) {
    for (int i = 0; i < PARTIALS; i++) {
      partials[i] = 0f;
    }
  }
}
