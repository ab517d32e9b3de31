package dev.vitrine.kernels.scalar;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Precision;
import dev.vitrine.kernels.f32.Functions;
import dev.vitrine.kernels.f32.Kernels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The loops of {@code kernels/CONTRACT.md} as they are written there. */
public final class ScalarKernels implements Kernels {
  /** So many columns that the compiler finds vectors in the loops that widen a row of weights. */
  private static final int WIDTH = 64;

  private final int width;
  private final int half;

  /** Kernels over panels of a width of their own. */
  public ScalarKernels() {
    this(WIDTH);
  }

  /**
   * Kernels over the panels of others, for whom they stand in.
   *
   * @param width a multiple of eight, at most {@link #MAX_WIDTH}
   */
  public ScalarKernels(int width) {
    this.width = width;
    this.half = width / 2;
  }

  @Override
  public String description() {
    return "plain Java";
  }

  @Override
  public int width() {
    return width;
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
    switch (rows) {
      case 1 -> { // in the order that the weights lie in memory, which it waits for
        float[] sums = first ? out : room;
        int at = first ? out0 : 0;
        Arrays.fill(sums, at, at + width, 0f);
        more(x, x0, w, w0, count, sums, at);
        if (!first) {
          add(out, out0, room, 0, out, out0, width);
        }
      }
      case 2 -> {
        for (int j = 0; j < width; j += 4) {
          ScalarTiles.two(x, x0, w, w0 + j, width, count, first, out, out0 + j);
        }
      }
      default -> {
        for (int r = 0; r < rows; r += 4) {
          for (int j = 0; j < width; j += 2) {
            int at = out0 + r * width + j;
            ScalarTiles.four(x, x0 + r, rows, w, w0 + j, width, count, first, out, at);
          }
        }
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
      add(a, a0 + r * aStride, b, b0 + r * bStride, out, out0 + r * outStride, width);
    }
  }

  @Override
  public void copy(
      float[] from, int from0, int stride, int rows, float[] into, int into0, int intoStride) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(from, from0 + r * stride, into, into0 + r * intoStride, width);
    }
  }

  @Override
  public void widenBf16(int[] words, int w0, int count, float[] into) {
    for (int k = 0; k < count; k++) {
      widenLine(words, w0 + k * width, into, k * width);
    }
  }

  private void widenLine(int[] words, int w0, float[] into, int at) {
    for (int j = 0; j < half; j++) {
      into[at + j] = Float.intBitsToFloat(words[w0 + j] << 16);
      into[at + half + j] = Float.intBitsToFloat(words[w0 + j] & 0xFFFF0000);
    }
  }

  @Override
  public void widenInt8(int[] words, int w0, int count, float[] into) {
    float[] scale = new float[width];
    int at = w0;
    for (int k = 0; k < count; k++) {
      if (k % Precision.GROUP == 0) {
        widenLine(words, at, scale, 0);
        at += width;
      }
      widenInput(words, at, k % 2 * 16, scale, into, k * width);
      at += k % 2 * width;
    }
  }

  private void widenInput(int[] words, int w0, int shift, float[] scale, float[] into, int at) {
    for (int j = 0; j < half; j++) {
      int word = words[w0 + j] >> shift;
      into[at + j] = ((word & 0xFF) - 128) * scale[j];
      into[at + half + j] = ((word >> 8 & 0xFF) - 128) * scale[half + j];
    }
  }

  @Override
  public void rowBf16(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    float[] input = new float[width];
    Arrays.fill(sums, 0, 2 * width, 0f);
    for (int panel = 0; panel < 2; panel++) {
      for (int k = 0; k < count; k++) {
        widenLine(words, w0 + k * width + panel * half, input, 0);
        addInput(x[x0 + k], input, sums, panel * width);
      }
    }
  }

  @Override
  public void rowInt8(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    float[] scale = new float[width];
    float[] input = new float[width];
    Arrays.fill(sums, 0, 2 * width, 0f);
    for (int panel = 0; panel < 2; panel++) {
      int at = w0 + panel * half;
      for (int k = 0; k < count; k++) {
        if (k % Precision.GROUP == 0) {
          widenLine(words, at, scale, 0);
          at += width;
        }
        widenInput(words, at, k % 2 * 16, scale, input, 0);
        addInput(x[x0 + k], input, sums, panel * width);
        at += k % 2 * width;
      }
    }
  }

  private void addInput(float factor, float[] input, float[] sums, int sums0) {
    for (int j = 0; j < width; j++) {
      sums[sums0 + j] = Math.fma(factor, input[j], sums[sums0 + j]);
    }
  }

  @Override
  public void more(float[] x, int x0, float[] w, int w0, int count, float[] sums, int sums0) {
    for (int k = 0; k < count; k++) {
      float factor = x[x0 + k];
      int at = w0 + k * width;
      for (int j = 0; j < width; j++) {
        sums[sums0 + j] = Math.fma(factor, w[at + j], sums[sums0 + j]);
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
