package dev.vitrine.kernels;

import java.util.Arrays;
import java.util.Random;

/** Random numbers in a backend's arrays, and arrays as plain numbers. */
final class Numbers {
  private Numbers() {}

  static float[] gaussian(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  static Array array(Backend backend, int rows, int columns, float... numbers) {
    Array array = backend.rows(rows, columns);
    for (int r = 0; r < rows; r++) {
      backend.write(array, r, 0, columns, numbers, r * columns);
    }
    return array;
  }

  static Array random(Backend backend, Random random, int rows, int columns) {
    return array(backend, rows, columns, gaussian(random, rows * columns));
  }

  static float[] numbers(Backend backend, Array array) {
    float[] numbers = new float[array.rows() * array.columns()];
    for (int r = 0; r < array.rows(); r++) {
      backend.read(array, r, 0, array.columns(), numbers, r * array.columns());
    }
    return numbers;
  }

  static float[] row(Backend backend, Array array, int row) {
    return numbers(backend, array.rows(row, row + 1));
  }

  static Source source(int rows, int columns, float... numbers) {
    return new Source() {
      @Override
      public int rows() {
        return rows;
      }

      @Override
      public int columns() {
        return columns;
      }

      @Override
      public void read(int row, int from, int count, float[] into, int at) {
        System.arraycopy(numbers, row * columns + from, into, at, count);
      }
    };
  }

  static Source randomSource(Random random, int rows, int columns) {
    return source(rows, columns, gaussian(random, rows * columns));
  }

  /** The bits, so that -0 is not 0; all NaNs are one. */
  static int[] bits(float... numbers) {
    int[] bits = new int[numbers.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(numbers[i]));
    return bits;
  }
}
