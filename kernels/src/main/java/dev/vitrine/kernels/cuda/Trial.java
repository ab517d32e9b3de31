package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Source;
import dev.vitrine.kernels.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What a device must pass before it is used: every operation once, over shapes that fill no tile,
 * compared with the same on the processor.
 */
final class Trial {
  /**
   * How far a product on tensor cores may be off, relative to the largest element, once the
   * operands are rounded: forty times what a change in the order of additions costs here, and a
   * tenth of what it costs to leave an operand of f16 as it was.
   */
  private static final double TOLERANCE = 2e-5;

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
  private final @Nullable Operands operands;
  private final Random random = new Random(1);
  private final List<Result> results = new ArrayList<>();

  /** Rounds what is multiplied as those operands would be, for a backend that does not. */
  private Trial(Backend backend, @Nullable Operands operands) {
    this.backend = backend;
    this.operands = operands;
  }

  /**
   * The first operation whose bits differ, or null if none does.
   *
   * @param operands those of the device's tensor cores, if it has its products from them: these
   *     then need only be close
   */
  static @Nullable String firstDifference(
      Backend device, Backend processor, @Nullable Operands operands) {
    List<Result> expected = new Trial(processor, operands).results();
    List<Result> actual = new Trial(device, null).results();
    for (int i = 0; i < expected.size(); i++) {
      Result one = expected.get(i);
      float[] other = actual.get(i).numbers;
      boolean close = operands != null && one.product;
      if (close ? !areClose(one.numbers, other) : !Arrays.equals(one.numbers, other)) {
        return one.what;
      }
    }
    return null;
  }

  private static boolean areClose(float[] expected, float[] actual) {
    float largest = 0;
    float off = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      off = Math.max(off, Math.abs(expected[i] - actual[i]));
    }
    return off <= TOLERANCE * largest;
  }

  /** Arrays.equals compares bits, and takes all NaNs for one. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Result(String what, float[] numbers, boolean product) {}

  private List<Result> results() {
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

  /** Rounds numbers that are about to be multiplied. */
  private float[] rounded(float... numbers) {
    for (int i = 0; i < numbers.length && operands != null; i++) {
      numbers[i] = operands.round(numbers[i]);
    }
    return numbers;
  }

  private void keep(String what, Array array) {
    keep(what, array, false);
  }

  private void keep(String what, Array array, boolean product) {
    float[] numbers = new float[array.rows() * array.columns()];
    for (int r = 0; r < array.rows(); r++) {
      backend.read(array, r, 0, array.columns(), numbers, r * array.columns());
    }
    results.add(new Result(what, numbers, product));
  }

  private Source source(int rows, int columns) {
    return new Numbers(rows, columns, rounded(numbers(rows * columns)));
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Numbers(int rows, int columns, float[] numbers) implements Source {
    @Override
    public void read(int row, int from, int count, float[] into, int at) {
      System.arraycopy(numbers, row * columns + from, into, at, count);
    }
  }

  private void products(int rows, int in, int out, int block) {
    Array x = backend.rows(rows, in);
    for (int r = 0; r < rows; r++) {
      backend.write(x, r, 0, in, rounded(numbers(in)), 0);
    }
    Array y = backend.rows(rows, out);
    backend.product(x, backend.pack(source(in, out), block), random(1, out), y);
    keep("product", y, true);
    Matrix transposed = backend.packTransposed(source(out, in), block);
    backend.product(x, transposed, null, y);
    keep("product of a transposed matrix", y, true);
    Array blocks = backend.rows(rows, Math.ceilDiv(in, block) * out);
    backend.blocks(x, transposed, blocks);
    keep("blocks", blocks, true);
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
    rounded(tiny);
    Array x = backend.rows(rows, in);
    for (int r = 0; r < rows; r++) {
      backend.write(x, r, 0, in, tiny, 0);
    }
    float[] negative = new float[in * out];
    Arrays.fill(negative, -1e-30f);
    rounded(negative);
    Array y = backend.rows(rows, out);
    backend.product(x, backend.pack(new Numbers(in, out, negative), 128), null, y);
    keep("product of tiny numbers", y, true);
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
    Array values = backend.values(seen, heads, size);
    backend.copy(random(seen, heads * size), 0, values, 0, seen);
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
