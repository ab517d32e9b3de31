package dev.vitrine.kernels;

import static dev.vitrine.kernels.Numbers.array;
import static dev.vitrine.kernels.Numbers.gaussian;
import static dev.vitrine.kernels.Numbers.numbers;
import static dev.vitrine.kernels.Numbers.random;
import static dev.vitrine.kernels.Numbers.randomSource;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Every operation of a backend over fixed random shapes: none, one, a panel or a block more or less
 * one, primes, and real sizes. Each result has a name, so that two backends can be compared.
 */
final class Suite {
  private static final int[] ROWS = {0, 1, 2, 3, 5, 7, 8, 9, 13, 16, 17, 31};
  private static final int[] SIZES = {
    1, 2, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 97, 127, 128, 129, 257
  };
  private static final int[] BLOCKS = {128, 64, 7, 1};

  /** Those whose results grow with the product, so that its error stays in proportion. */
  private static final List<Activation> GROWING =
      List.of(Activation.GELU_NEW, Activation.GELU, Activation.RELU, Activation.SILU);

  private final Backend backend;
  private final Random random;
  private final Map<String, float[]> results = new LinkedHashMap<>();

  private Suite(Backend backend, long seed) {
    this.backend = backend;
    this.random = new Random(seed);
  }

  /** Ordinary numbers. */
  static Map<String, float[]> run(Backend backend, long seed) {
    Suite suite = new Suite(backend, seed);
    for (int i = 0; i < 24; i++) {
      suite.products(suite.pick(ROWS), suite.pick(SIZES), suite.pick(SIZES), suite.pick(BLOCKS));
    }
    suite.products(3, 0, 5, 128);
    suite.products(5, 768, 768, 128);
    suite.products(12, 192, 769, 64);
    suite.products(2100, 40, 65, 16); // more rows than are computed at once
    for (int i = 0; i < 12; i++) {
      suite.rows(suite.pick(ROWS), suite.pick(SIZES));
    }
    suite.rows(2, 768);
    suite.rows(1, 5000);
    for (int i = 0; i < 8; i++) {
      int headSize = suite.pick(SIZES);
      suite.attention(1 + suite.random.nextInt(3), headSize, 1 + suite.random.nextInt(3));
    }
    suite.attention(12, 64, 2);
    return suite.results;
  }

  /** What no formula likes: infinities, NaN, overflow, underflow, rows that are -inf throughout. */
  static Map<String, float[]> runSpecial(Backend backend, long seed) {
    Suite suite = new Suite(backend, seed);
    float[] special = special();
    Array x = array(backend, 1, special.length, special);
    suite.activations("special", x);
    for (int length : new int[] {1, 2, 16, 17, 40}) {
      for (int i = 0; i < 8; i++) {
        float[] row = gaussian(suite.random, length);
        for (int c = 0; c < length; c++) {
          if (suite.random.nextInt(3) == 0 || i == 0) {
            row[c] =
                i < 2 ? Float.NEGATIVE_INFINITY : special[suite.random.nextInt(special.length)];
          }
        }
        suite.softmaxes("special " + i, array(backend, 1, length, row));
        suite.norm("special " + i, array(backend, 1, length, row));
      }
    }
    return suite.results;
  }

  /** A query or some, behind as many keys as make a block of 128, one more or less, none, many. */
  static Map<String, float[]> runDecoding(Backend backend, long seed) {
    Suite suite = new Suite(backend, seed);
    for (int position : new int[] {0, 1, 126, 127, 128, 129, 255, 1023}) {
      suite.attention(2, 5, new int[] {position, position}, 1, 1);
      suite.attention(1, 33, new int[] {position, position}, 2, 2);
    }
    suite.attention(3, 7, new int[] {1022, 0, 127, 120, 128}, 1, 1, 1, 11, 9);
    suite.attention(1, 131, new int[] {0, 1022}, 1, 1);
    return suite.results;
  }

  /**
   * Reduced weights for a row or two: as few columns as fill no panel, an odd number of panels,
   * more blocks than one, groups that are not whole; weights as they are, so small that they or
   * their scales are subnormal, so large that a scale times 2²³ is none, and some that are no
   * numbers.
   */
  static Map<String, float[]> runReduced(Backend backend, long seed) {
    Suite suite = new Suite(backend, seed);
    for (Precision precision : Precision.values()) {
      for (float factor : new float[] {1f, 1e-37f, 0x1p-143f, 1e31f, 1e33f, 1e37f}) {
        suite.scaled(precision, 1, suite.pick(SIZES), suite.pick(SIZES), factor);
        suite.scaled(precision, 1, 129, 161, factor);
        suite.scaled(precision, 2, 40, 97, factor);
      }
      suite.scaled(precision, 1, 0, 5, 1f);
      suite.scaled(precision, 1, 768, 2304, 1f);
      suite.scaled(precision, 1, 3072, 97, 1f);
      float[] special = special();
      Array x = random(backend, suite.random, 1, special.length);
      float[] column = new float[special.length];
      for (int i = 0; i < column.length; i++) {
        column[i] = special[suite.random.nextInt(special.length)];
      }
      suite.reduced(precision, x, Numbers.source(special.length, 1, column), 128);
      suite.reduced(precision, x, Numbers.source(special.length, 1, column), 1);
    }
    return suite.results;
  }

  private void scaled(Precision precision, int rows, int in, int out, float factor) {
    float[] weights = gaussian(random, in * out);
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= factor;
    }
    Array x = random(backend, random, rows, in);
    reduced(precision, x, Numbers.source(in, out, weights), pick(BLOCKS));
  }

  private static float[] special() {
    List<Float> numbers = new ArrayList<>();
    for (float x :
        new float[] {
          0f,
          Float.MIN_VALUE,
          1e-40f,
          Float.MIN_NORMAL,
          1e-20f,
          1e-4f,
          0.3f,
          0.625f,
          1f,
          3f,
          5.5f,
          9f,
          14.3f,
          15f,
          16f,
          43f,
          44f,
          60f,
          87.4f,
          88.7f,
          88.8f,
          89f,
          90f,
          103.9f,
          104f,
          1e4f,
          1e19f,
          1e30f,
          Float.MAX_VALUE,
          Float.POSITIVE_INFINITY,
          Float.NaN
        }) {
      numbers.add(x);
      numbers.add(-x);
    }
    float[] array = new float[numbers.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = numbers.get(i);
    }
    return array;
  }

  private int pick(int[] from) {
    return from[random.nextInt(from.length)];
  }

  private void keep(String what, Array array) {
    String shape = " [%d, %d]".formatted(array.rows(), array.columns());
    results.put(results.size() + " " + what + shape, numbers(backend, array));
  }

  private void products(int rows, int in, int out, int block) {
    String what = "of in %d, block %d".formatted(in, block);
    Array x = random(backend, random, rows, in);
    Array bias = random(backend, random, 1, out);
    Matrix matrix = backend.pack(randomSource(random, in, out), block);
    Array y = backend.rows(rows, out);
    backend.product(x, matrix, bias, y);
    keep("product with bias " + what, y);
    backend.product(x, matrix, null, y);
    keep("product " + what, y);
    Array sums = backend.rows(rows, Math.ceilDiv(in, block) * out);
    backend.blocks(x, matrix, sums);
    keep("blocks " + what, sums);
    Activation activation = GROWING.get(random.nextInt(GROWING.size()));
    backend.product(x, matrix, bias, activation, y);
    keep("product and " + activation + " " + what, y);
    for (Precision precision : Precision.values()) {
      reduced(precision, x, randomSource(random, in, out), block);
    }
    Matrix transposed = backend.packTransposed(randomSource(random, out, in), block);
    // views, whose rows do not lie one after another
    Array wide = backend.rows(rows, out + 5);
    backend.product(x, transposed, bias, wide.columns(2, out + 2));
    keep("product transposed " + what, wide);
    int[] columns = {out - 1, 0, out / 2};
    Array gathered = backend.rows(3, in);
    backend.gather(transposed, columns, gathered);
    keep("gather " + what, gathered);
  }

  private void reduced(Precision precision, Array x, Source weights, int block) {
    int in = x.columns();
    int out = weights.columns();
    String what = precision + " of in %d, block %d".formatted(in, block);
    Matrix matrix = backend.pack(weights, block, precision);
    Array y = backend.rows(x.rows(), out);
    backend.product(x, matrix, null, y);
    keep("product " + what, y);
    Array sums = backend.rows(x.rows(), Math.ceilDiv(in, block) * out);
    backend.blocks(x, matrix, sums);
    keep("blocks " + what, sums);
    Matrix transposed = backend.packTransposed(randomSource(random, out, in), block, precision);
    backend.product(x, transposed, random(backend, random, 1, out), y);
    keep("product transposed " + what, y);
    Array gathered = backend.rows(2, in);
    backend.gather(transposed, new int[] {out - 1, out / 2}, gathered);
    keep("gather " + what, gathered);
  }

  private void rows(int rows, int columns) {
    Array x = random(backend, random, rows, columns);
    Array y = random(backend, random, rows, columns);
    Array out = backend.rows(rows, columns);
    backend.add(x, y, out);
    keep("add", out);
    norm("row", x);
    softmaxes("row", x);
    activations("row", x);
  }

  private void norm(String what, Array x) {
    Array gain = random(backend, random, 1, x.columns());
    Array bias = random(backend, random, 1, x.columns());
    Array out = backend.rows(x.rows(), x.columns());
    Array scale = backend.rows(x.rows(), 1);
    Array normalized = backend.rows(x.rows(), x.columns());
    backend.layerNorm(x, gain, bias, 1e-5, out, scale, normalized);
    keep("layerNorm " + what, out);
    keep("layerNorm scale " + what, scale);
    keep("layerNorm normalized " + what, normalized);
    Array apart = backend.rows(x.rows(), x.columns());
    backend.normalize(x, scale, apart);
    keep("normalize " + what, apart);
    backend.affine(apart, gain, bias, apart);
    keep("affine " + what, apart);
  }

  private void softmaxes(String what, Array x) {
    Array out = backend.rows(x.rows(), x.columns());
    backend.softmax(x, out);
    keep("softmax " + what, out);
    backend.logSoftmax(x, out);
    keep("logSoftmax " + what, out);
  }

  private void activations(String what, Array x) {
    for (Activation activation : Activation.values()) {
      Array out = backend.rows(x.rows(), x.columns());
      backend.activate(activation, x, out);
      keep(activation + " " + what, out);
    }
  }

  private void attention(int heads, int headSize, int sequences) {
    int[] positions = new int[sequences];
    int[] counts = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      positions[s] = random.nextInt(3) == 0 ? 0 : random.nextInt(300);
      counts[s] = 1 + random.nextInt(20);
    }
    attention(heads, headSize, positions, counts);
  }

  /** Sequences of which {@code counts[s]} queries attend, from {@code positions[s]} on. */
  private void attention(int heads, int headSize, int[] positions, int... counts) {
    int columns = heads * headSize;
    List<Span> spans = new ArrayList<>();
    int row = 1; // rows that belong to no span stay as they are
    for (int s = 0; s < counts.length; s++) {
      int position = positions[s];
      int count = counts[s];
      int seen = position + count;
      Array keys = backend.keys(seen + random.nextInt(3), heads, headSize);
      backend.copy(random(backend, random, seen, columns), 0, keys, 0, seen);
      Array values = backend.values(seen + random.nextInt(3), heads, headSize);
      backend.copy(random(backend, random, seen, columns), 0, values, 0, seen);
      boolean asked = s % 2 == 0;
      Array scores = asked ? backend.rows(heads * count, seen + 1) : null;
      Array pattern = asked ? backend.rows(heads * count, seen + 2) : null;
      spans.add(new Span(row, count, position, keys, values, scores, pattern));
      row += count;
    }
    Array q = random(backend, random, row, columns);
    Array z = backend.rows(row, columns);
    backend.attend(heads, 1 / Math.sqrt(headSize), q, spans, z);
    keep("attend heads %d size %d".formatted(heads, headSize), z);
    for (Span span : spans) {
      if (span.scores() != null && span.pattern() != null) {
        keep("scores", span.scores());
        keep("pattern", span.pattern());
        Array mixed = backend.rows(row, columns);
        backend.mix(heads, List.of(span), mixed);
        keep("mix", mixed);
      }
    }
  }
}
