package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.BackendUnavailableException;
import dev.vitrine.kernels.DeviceException;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Source;
import dev.vitrine.kernels.Span;
import dev.vitrine.kernels.f32.F32Backend;
import dev.vitrine.kernels.scalar.ScalarKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Opens a CUDA backend that has just shown that it keeps the contract: a few numbers go through
 * every kernel, there and on the processor, and must come out with the same bits. The promise holds
 * on any device, so a device, or a driver's compiler, that breaks it is refused.
 */
public final class ProvenCuda {
  private ProvenCuda() {}

  /**
   * Opens the first device.
   *
   * @throws BackendUnavailableException if it does not open, or computes other bits
   */
  public static CudaBackend open() {
    CudaBackend cuda;
    try {
      cuda = new CudaBackend();
    } catch (DeviceException e) {
      throw unavailable(e.reason());
    }
    try {
      String different = firstDifference(cuda, new F32Backend("scalar", new ScalarKernels(), 1));
      if (different != null) {
        throw unavailable(
            "%s computes other bits than the contract has (%s)"
                .formatted(cuda.description(), different));
      }
      return cuda;
    } catch (RuntimeException e) {
      cuda.close();
      throw e instanceof DeviceException failed ? unavailable(failed.reason()) : e;
    }
  }

  private static BackendUnavailableException unavailable(String reason) {
    return new BackendUnavailableException("cuda", reason, "use another backend");
  }

  /** The first operation whose bits differ, or null if none does. */
  static @Nullable String firstDifference(Backend one, Backend other) {
    List<Result> expected = new Trial(other).results();
    List<Result> actual = new Trial(one).results();
    for (int i = 0; i < expected.size(); i++) {
      if (!Arrays.equals(expected.get(i).numbers, actual.get(i).numbers)) {
        return expected.get(i).what;
      }
    }
    return null;
  }

  /** Arrays.equals compares bits, and takes all NaNs for one. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Result(String what, float[] numbers) {}

  /** Every operation once, over shapes that fill no tile. */
  private static final class Trial {
    private static final float[] SPECIAL = {
      0f,
      -0f,
      1e-40f,
      -1e-40f,
      1e-20f,
      5.5f,
      -9f,
      88.8f,
      -104f,
      1e30f,
      -3e38f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN
    };

    private final Backend backend;
    private final Random random = new Random(1);
    private final List<Result> results = new ArrayList<>();

    Trial(Backend backend) {
      this.backend = backend;
    }

    List<Result> results() {
      for (int rows : new int[] {1, 3, 19}) {
        products(rows, 150, 71, 128);
      }
      products(2, 290, 5, 290);
      products(17, 40, 65, 7);
      rows(3, 77);
      rows(1, 2100);
      special();
      rising(120);
      underflow(18, 3, 2);
      attention(2, 5, 130, 11);
      attention(1, 131, 3, 9);
      return results;
    }

    private Array random(int rows, int columns) {
      Array array = backend.rows(rows, columns);
      for (int r = 0; r < rows; r++) {
        backend.write(array, r, 0, columns, numbers(columns), 0);
      }
      return array;
    }

    private float[] numbers(int count) {
      float[] numbers = new float[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = (float) random.nextGaussian();
      }
      return numbers;
    }

    private void keep(String what, Array array) {
      float[] numbers = new float[array.rows() * array.columns()];
      for (int r = 0; r < array.rows(); r++) {
        backend.read(array, r, 0, array.columns(), numbers, r * array.columns());
      }
      results.add(new Result(what, numbers));
    }

    private Source source(int rows, int columns) {
      return new Numbers(rows, columns, numbers(rows * columns));
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Numbers(int rows, int columns, float[] numbers) implements Source {
      @Override
      public void read(int row, int from, int count, float[] into, int at) {
        System.arraycopy(numbers, row * columns + from, into, at, count);
      }
    }

    private void products(int rows, int in, int out, int block) {
      Array x = random(rows, in);
      Array y = backend.rows(rows, out);
      backend.product(x, backend.pack(source(in, out), block), random(1, out), y);
      keep("product", y);
      Matrix transposed = backend.packTransposed(source(out, in), block);
      backend.product(x, transposed, null, y);
      keep("product of a transposed matrix", y);
      Array blocks = backend.rows(rows, Math.ceilDiv(in, block) * out);
      backend.blocks(x, transposed, blocks);
      keep("blocks", blocks);
      Array gathered = backend.rows(2, in);
      backend.gather(transposed, new int[] {out - 1, 0}, gathered);
      keep("gather", gathered);
    }

    private void rows(int rows, int columns) {
      Array x = random(rows, columns);
      Array gain = random(1, columns);
      Array bias = random(1, columns);
      Array out = backend.rows(rows, columns);
      Array scale = backend.rows(rows, 1);
      Array normalized = backend.rows(rows, columns);
      backend.layerNorm(x, gain, bias, 1e-5, out, scale, normalized);
      keep("layerNorm", out);
      keep("layerNorm's scale", scale);
      keep("layerNorm's normalized", normalized);
      backend.normalize(x, scale, normalized);
      keep("normalize", normalized);
      backend.affine(x, gain, bias, out);
      keep("affine", out);
      backend.add(x, normalized, out);
      keep("add", out);
      elementwise(x);
    }

    private void special() {
      Array x = backend.rows(1, SPECIAL.length);
      backend.write(x, 0, 0, SPECIAL.length, SPECIAL, 0);
      elementwise(x);
    }

    /** The greatest number is the last. */
    private void rising(int columns) {
      float[] numbers = new float[columns];
      for (int c = 0; c < columns; c++) {
        numbers[c] = 0.1f * c;
      }
      Array x = backend.rows(1, columns);
      backend.write(x, 0, 0, columns, numbers, 0);
      elementwise(x);
    }

    /** Sums that are -0, to which not even a zero may be added. */
    private void underflow(int rows, int in, int out) {
      float[] tiny = new float[in];
      Arrays.fill(tiny, 1e-30f);
      Array x = backend.rows(rows, in);
      for (int r = 0; r < rows; r++) {
        backend.write(x, r, 0, in, tiny, 0);
      }
      float[] negative = new float[in * out];
      Arrays.fill(negative, -1e-30f);
      Array y = backend.rows(rows, out);
      backend.product(x, backend.pack(new Numbers(in, out, negative), 128), null, y);
      keep("product of tiny numbers", y);
    }

    private void elementwise(Array x) {
      Array out = backend.rows(x.rows(), x.columns());
      for (Activation activation : Activation.values()) {
        backend.activate(activation, x, out);
        keep(activation.configName(), out);
      }
      backend.softmax(x, out);
      keep("softmax", out);
      backend.logSoftmax(x, out);
      keep("logSoftmax", out);
    }

    private void attention(int heads, int size, int position, int count) {
      int seen = position + count;
      Array q = random(count, heads * size);
      Array keys = backend.keys(seen, heads, size);
      backend.copy(random(seen, heads * size), 0, keys, 0, seen);
      Array values = random(seen, heads * size);
      Array scores = backend.rows(heads * count, seen);
      Array pattern = backend.rows(heads * count, seen);
      Span span = new Span(0, count, position, keys, values, scores, pattern);
      Array z = backend.rows(count, heads * size);
      backend.attend(heads, 0.3, q, List.of(span), z);
      keep("attend", z);
      keep("attend's scores", scores);
      keep("attend's pattern", pattern);
      backend.mix(heads, List.of(span), z);
      keep("mix", z);
    }
  }
}
