package dev.vitrine.kernels.scalar;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Precision;
import dev.vitrine.kernels.f32.Functions;
import dev.vitrine.kernels.f32.Kernels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The loops of {@code kernels/CONTRACT.md} as they are written there. */
public final class ScalarKernels implements Kernels {
  /** So many sums at once that the compiler finds vectors in the loop over them. */
  private static final int WIDTH = 64;

  private static final int HALF = WIDTH / 2;

  @Override
  public String description() {
    return "plain Java";
  }

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public int tileRows() {
    return MAX_TILE;
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
    for (int r = 0; r < rows; r++) {
      Arrays.fill(room, 0, WIDTH, 0f);
      addTo(x, x0 + r, rows, w, w0, WIDTH, count, room, 0);
      int to = out0 + r * WIDTH;
      if (first) {
        System.arraycopy(room, 0, out, to, WIDTH);
      } else {
        add(out, to, room, 0, out, to, WIDTH);
      }
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
    for (int r = 0; r < rows; r++) {
      add(a, a0 + r * aStride, b, b0 + r * bStride, out, out0 + r * outStride, WIDTH);
    }
  }

  @Override
  public void copy(
      float[] from, int from0, int stride, int rows, float[] into, int into0, int intoStride) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(from, from0 + r * stride, into, into0 + r * intoStride, WIDTH);
    }
  }

  @Override
  public void widenBf16(int[] words, int w0, int count, float[] into) {
    for (int k = 0; k < count; k++) {
      widenLine(words, w0 + k * WIDTH, into, k * WIDTH);
    }
  }

  private static void widenLine(int[] words, int w0, float[] into, int at) {
    for (int j = 0; j < HALF; j++) {
      into[at + j] = Float.intBitsToFloat(words[w0 + j] << 16);
      into[at + HALF + j] = Float.intBitsToFloat(words[w0 + j] & 0xFFFF0000);
    }
  }

  @Override
  public void widenInt8(int[] words, int w0, int count, float[] into) {
    float[] scale = new float[WIDTH];
    int at = w0;
    for (int k = 0; k < count; k++) {
      if (k % Precision.GROUP == 0) {
        widenLine(words, at, scale, 0);
        at += WIDTH;
      }
      widenInput(words, at, k % 2 * 16, scale, into, k * WIDTH);
      at += k % 2 * WIDTH;
    }
  }

  private static void widenInput(
      int[] words, int w0, int shift, float[] scale, float[] into, int at) {
    for (int j = 0; j < HALF; j++) {
      int word = words[w0 + j] >> shift;
      into[at + j] = ((word & 0xFF) - 128) * scale[j];
      into[at + HALF + j] = ((word >> 8 & 0xFF) - 128) * scale[HALF + j];
    }
  }

  @Override
  public void rowBf16(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    float[] input = new float[WIDTH];
    Arrays.fill(sums, 0, 2 * WIDTH, 0f);
    for (int panel = 0; panel < 2; panel++) {
      for (int k = 0; k < count; k++) {
        widenLine(words, w0 + k * WIDTH + panel * HALF, input, 0);
        addInput(x[x0 + k], input, sums, panel * WIDTH);
      }
    }
  }

  @Override
  public void rowInt8(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    float[] scale = new float[WIDTH];
    float[] input = new float[WIDTH];
    Arrays.fill(sums, 0, 2 * WIDTH, 0f);
    for (int panel = 0; panel < 2; panel++) {
      int at = w0 + panel * HALF;
      for (int k = 0; k < count; k++) {
        if (k % Precision.GROUP == 0) {
          widenLine(words, at, scale, 0);
          at += WIDTH;
        }
        widenInput(words, at, k % 2 * 16, scale, input, 0);
        addInput(x[x0 + k], input, sums, panel * WIDTH);
        at += k % 2 * WIDTH;
      }
    }
  }

  private static void addInput(float factor, float[] input, float[] sums, int sums0) {
    for (int j = 0; j < WIDTH; j++) {
      sums[sums0 + j] = Math.fma(factor, input[j], sums[sums0 + j]);
    }
  }

  @Override
  public void more(float[] x, int x0, float[] w, int w0, int count, float[] sums, int sums0) {
    addTo(x, x0, 1, w, w0, WIDTH, count, sums, sums0);
  }

  private static void addTo(
      float[] x, int x0, int step, float[] w, int w0, int wStride, int count, float[] sum, int s) {
    for (int k = 0; k < count; k++) {
      float factor = x[x0 + k * step];
      int at = w0 + k * wStride;
      for (int j = 0; j < WIDTH; j++) {
        sum[s + j] = Math.fma(factor, w[at + j], sum[s + j]);
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
