package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.f32.Functions;
import dev.vitrine.kernels.f32.Kernels;
import dev.vitrine.kernels.f32.Tiling;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The loops of {@code kernels/CONTRACT.md} on vectors. Whatever does not fill a vector is computed
 * by {@link Functions}, one number at a time.
 */
public final class SimdKernels implements Kernels {

  /** The kernels, on vectors from the first call on; see {@link Ensemble}. */
  public SimdKernels() {}

  @Override
  public String description() {
    return "Vector API, " + SPECIES.vectorBitSize() + " bits";
  }

  @Override
  public int width() {
    return 2 * LANES;
  }

  @Override
  public int tileRows() {
    return LANES < 16 ? 4 : 12;
  }

  @Override
  public void interleave(
      float[] x, int x0, int stride, int rows, int count, float[] into, int into0) {
    if (Interleaving.fits(rows)) {
      Interleaving.twelve(x, x0, stride, count, into, into0);
    } else {
      Tiling.interleave(x, x0, stride, rows, count, into, into0);
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
    switch (rows) {
      case 12 -> {
        if (first) {
          TwelveRows.first(x, x0, w, w0, count, out, out0, next, step);
        } else {
          TwelveRows.more(x, x0, w, w0, count, out, out0, next, step);
        }
      }
      case 4 -> Tiles.four(x, x0, w, w0, count, first, out, out0, next, step);
      case 2 -> Tiles.two(x, x0, w, w0, count, first, out, out0, next, step);
      default -> Tiles.one(x, x0, w, w0, count, first, out, out0);
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
    Tiles.add(a, a0, aStride, b, b0, bStride, rows, out, out0, outStride);
  }

  @Override
  public void copy(
      float[] from, int from0, int stride, int rows, float[] into, int into0, int intoStride) {
    Tiles.copy(from, from0, stride, rows, into, into0, intoStride);
  }

  @Override
  public void widenBf16(int[] words, int w0, int count, float[] into) {
    ReducedTiles.widenBf16(words, w0, count, into);
  }

  @Override
  public void widenInt8(int[] words, int w0, int count, float[] into) {
    ReducedTiles.widenInt8(words, w0, count, into);
  }

  @Override
  public void rowBf16(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    ReducedTiles.rowBf16(x, x0, words, w0, count, sums);
  }

  @Override
  public void rowInt8(float[] x, int x0, int[] words, int w0, int count, float[] sums) {
    ReducedTiles.rowInt8(x, x0, words, w0, count, sums);
  }

  @Override
  public void more(float[] x, int x0, float[] w, int w0, int count, float[] sums, int sums0) {
    Tiles.more(x, x0, w, w0, count, sums, sums0);
  }

  @Override
  public void add(float[] a, int a0, float[] b, int b0, float[] out, int out0, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      load(a, a0 + i).add(load(b, b0 + i)).intoArray(out, out0 + i);
    }
    for (; i < count; i++) {
      out[out0 + i] = a[a0 + i] + b[b0 + i];
    }
  }

  @Override
  public void scale(float[] x, int x0, int count, float factor) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      load(x, x0 + i).mul(factor).intoArray(x, x0 + i);
    }
    for (; i < count; i++) {
      x[x0 + i] *= factor;
    }
  }

  @Override
  public void activate(
      Activation activation, float[] x, int x0, float[] out, int out0, int count, float[] room) {
    int done = Activations.apply(activation, x, x0, out, out0, count, room);
    for (int i = done; i < count; i++) {
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
    float mean = Sums.of(x, x0, count, partials) / count;
    float squares = Sums.ofSquares(x, x0, count, mean, partials);
    float scale = (float) Math.sqrt(squares / count + epsilon);
    int c = 0;
    for (; c <= count - LANES; c += LANES) {
      FloatVector value = load(x, x0 + c).sub(mean).div(scale);
      if (normalized != null) {
        value.intoArray(normalized, normalized0 + c);
      }
      value.fma(load(gain, gain0 + c), load(bias, bias0 + c)).intoArray(out, out0 + c);
    }
    for (; c < count; c++) {
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
    float sum = Sums.ofExponentials(x, x0, count, out, out0, partials);
    int c = 0;
    for (; c <= count - LANES; c += LANES) {
      load(out, out0 + c).div(sum).intoArray(out, out0 + c);
    }
    for (; c < count; c++) {
      out[out0 + c] /= sum;
    }
  }

  @Override
  public void logSoftmax(float[] x, int x0, float[] out, int out0, int count, float[] partials) {
    float log = Functions.log(Sums.ofExponentials(x, x0, count, null, 0, partials));
    float max = partials[0];
    int c = 0;
    for (; c <= count - LANES; c += LANES) {
      load(x, x0 + c).sub(max).sub(log).intoArray(out, out0 + c);
    }
    for (; c < count; c++) {
      out[out0 + c] = x[x0 + c] - max - log;
    }
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(SPECIES, x, at);
  }
}
