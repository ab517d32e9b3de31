package dev.vitrine.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Source;
import java.util.Arrays;
import java.util.Random;

/** What must hold of products on tensor cores, whatever device has them. */
final class TensorChecks {
  /** Rounding to nearest is half of it; the hardware may cut off instead. */
  private static final double EPSILON = 0x1p-22;

  /** What is lost of a number below f16's range. */
  private static final double TINY = 0x1p-25;

  private static final int[][] SHAPES = {
    // rows, in, out, block
    {1, 768, 130, 128},
    {2, 1, 1, 128},
    {3, 0, 5, 128},
    {5, 15, 7, 128},
    {16, 16, 8, 16},
    {17, 33, 65, 128},
    {31, 64, 63, 64},
    {33, 129, 9, 128},
    {7, 31, 64, 7},
    {65, 300, 129, 128},
    {70, 257, 2, 1},
    {64, 191, 64, 48}
  };

  private final Backend backend;
  private final Operands operands;
  private final Random random = new Random(3);

  TensorChecks(Backend backend, Operands operands) {
    this.backend = backend;
    this.operands = operands;
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Table(int rows, int columns, float[] numbers) implements Source {
    @Override
    public void read(int row, int from, int count, float[] into, int at) {
      System.arraycopy(numbers, row * columns + from, into, at, count);
    }

    float at(int row, int column) {
      return numbers[row * columns + column];
    }

    Table row(int row) {
      return new Table(1, columns, Arrays.copyOfRange(numbers, row * columns, (row + 1) * columns));
    }

    Table transposed() {
      float[] turned = new float[numbers.length];
      for (int i = 0; i < numbers.length; i++) {
        turned[i % columns * rows + i / columns] = numbers[i];
      }
      return new Table(columns, rows, turned);
    }
  }

  private Table table(int rows, int columns) {
    float[] numbers = new float[rows * columns];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return new Table(rows, columns, numbers);
  }

  private Table rounded(Table table) {
    float[] numbers = table.numbers.clone();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = operands.round(numbers[i]);
    }
    return new Table(table.rows, table.columns, numbers);
  }

  private static Array array(Backend backend, Table table) {
    Array array = backend.rows(table.rows, table.columns);
    for (int r = 0; r < table.rows; r++) {
      backend.write(array, r, 0, table.columns, table.numbers, r * table.columns);
    }
    return array;
  }

  private static double[] numbers(Backend backend, Array array) {
    double[] numbers = new double[array.rows() * array.columns()];
    for (int r = 0; r < array.rows(); r++) {
      backend.read(array, r, 0, array.columns(), numbers, r * array.columns());
    }
    return numbers;
  }

  private static double[] product(Backend backend, Table x, Matrix matrix, Table bias) {
    Array out = backend.rows(x.rows, matrix.out());
    backend.product(array(backend, x), matrix, array(backend, bias), out);
    return numbers(backend, out);
  }

  /**
   * Against the definition in double precision: with the operands rounded beforehand a product may
   * be off by what adding in f32 costs, without by what the rounding of each operand costs, too.
   */
  void areOffByWhatRoundingExplains() {
    double greatest = 0;
    try (Backend reference = Backends.open("reference", 1)) {
      for (int[] shape : SHAPES) {
        Table x = table(shape[0], shape[1]);
        Table w = table(shape[1], shape[2]);
        Table bias = table(1, shape[2]);
        double[] exact = product(reference, x, reference.pack(w, shape[3]), bias);
        double[] close = product(reference, rounded(x), reference.pack(rounded(w), shape[3]), bias);
        double[] packed = product(backend, x, backend.pack(w, shape[3]), bias);
        double[] turned =
            product(backend, x, backend.packTransposed(w.transposed(), shape[3]), bias);
        assertThat(turned).isEqualTo(packed);
        for (int i = 0; i < exact.length; i++) {
          int row = i / w.columns;
          int column = i % w.columns;
          double adding = adding(x, w, row, column) + EPSILON * Math.abs(bias.numbers[column]);
          double off = Math.abs(packed[i] - exact[i]);
          String where = "%s row %d column %d".formatted(Arrays.toString(shape), row, column);
          assertThat(Math.abs(packed[i] - close[i])).as(where).isLessThanOrEqualTo(adding);
          assertThat(off).as(where).isLessThanOrEqualTo(adding + rounding(x, w, row, column));
          greatest = Math.max(greatest, off / adding);
        }
      }
    }
    assertThat(greatest).as("operands are rounded at all").isGreaterThan(2);
  }

  /** What additions may cost: each a part of the sum of magnitudes. */
  private static double adding(Table x, Table w, int row, int column) {
    double sum = 0;
    for (int k = 0; k < w.rows; k++) {
      sum += Math.abs((double) x.at(row, k) * w.at(k, column));
    }
    return (w.rows + 2) * EPSILON * sum;
  }

  /** What it may cost to round the operands: {@code |x| δw + |w| δx + δx δw}, summed up. */
  private double rounding(Table x, Table w, int row, int column) {
    double sum = 0;
    for (int k = 0; k < w.rows; k++) {
      double a = Math.abs(x.at(row, k));
      double b = Math.abs(w.at(k, column));
      double da = Math.max(TINY, a * operands.unit());
      double db = Math.max(TINY, b * operands.unit());
      sum += a * db + b * da + da * db;
    }
    return sum;
  }

  /** Run to run, and whatever rows stand beside it, few or many. */
  void areTheSameEveryTime() {
    for (int[] shape : SHAPES) {
      Table x = table(Math.max(shape[0], 20), shape[1]);
      Table bias = table(1, shape[2]);
      Matrix matrix = backend.pack(table(shape[1], shape[2]), shape[3]);
      double[] together = product(backend, x, matrix, bias);
      assertThat(product(backend, x, matrix, bias)).isEqualTo(together);
      for (int row : new int[] {0, x.rows / 2, x.rows - 1}) {
        double[] alone = product(backend, x.row(row), matrix, bias);
        assertThat(alone)
            .as("%s row %d", Arrays.toString(shape), row)
            .isEqualTo(Arrays.copyOfRange(together, row * matrix.out(), (row + 1) * matrix.out()));
      }
    }
  }

  /** So that what heads write adds up to attention's output here, too. */
  void areTheSumsOfTheirBlocks() {
    for (int[] shape : SHAPES) {
      Table x = table(shape[0], shape[1]);
      Table bias = table(1, shape[2]);
      Matrix matrix = backend.pack(table(shape[1], shape[2]), shape[3]);
      int blocks = Math.ceilDiv(shape[1], shape[3]);
      Array sums = backend.rows(x.rows, blocks * shape[2]);
      backend.blocks(array(backend, x), matrix, sums);
      double[] apart = numbers(backend, sums);
      double[] added = new double[x.rows * shape[2]];
      for (int i = 0; i < added.length; i++) {
        int first = i / shape[2] * blocks * shape[2] + i % shape[2];
        float total = blocks == 0 ? 0 : (float) apart[first];
        for (int b = 1; b < blocks; b++) {
          total += (float) apart[first + b * shape[2]];
        }
        added[i] = total + bias.numbers[i % shape[2]];
      }
      assertThat(product(backend, x, matrix, bias)).as(Arrays.toString(shape)).isEqualTo(added);
    }
  }

  /** What the embedding reads from the unembedding. */
  void gatherWeightsAsTheyWereRounded() {
    for (int[] shape : SHAPES) {
      Table w = table(shape[1], shape[2]);
      Matrix matrix = backend.packTransposed(w.transposed(), shape[3]);
      Array out = backend.rows(2, shape[1]);
      backend.gather(matrix, new int[] {shape[2] - 1, shape[2] / 2}, out);
      double[] expected = new double[2 * shape[1]];
      for (int k = 0; k < shape[1]; k++) {
        expected[k] = operands.round(w.at(k, shape[2] - 1));
        expected[shape[1] + k] = operands.round(w.at(k, shape[2] / 2));
      }
      assertThat(numbers(backend, out)).as(Arrays.toString(shape)).isEqualTo(expected);
    }
  }

  /** All but products. */
  void leaveTheContractToTheRest() {
    try (Backend scalar = Backends.open("scalar", 1)) {
      assertThat(Trial.firstDifference(backend, scalar, operands)).isNull();
      assertThat(Trial.firstDifference(backend, scalar, null)).isEqualTo("product");
    }
  }
}
