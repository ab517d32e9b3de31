package dev.vitrine.analysis.why;

import dev.vitrine.tensor.Tensor;

/**
 * A linear reading of the residual stream at one position: {@code direction · resid}.
 *
 * @param blocks how many whole blocks have written to the stream there
 * @param mid whether the attention of the next block has written too
 * @param position the position
 * @param direction {@code [d_model]}
 */
@SuppressWarnings("ArrayRecordComponent") // readers are never compared
record Reader(int blocks, boolean mid, int position, double[] direction) {

  /**
   * The direction before a layer norm that reads {@code direction} behind it, its scale frozen:
   * {@code d · ((x - mean x) / scale · gain) = d' · x}, with d' = d · gain / scale less its mean.
   */
  static double[] throughNorm(double[] direction, Tensor gain, double scale) {
    double[] through = direction.clone();
    double[] gains = gain.doubles();
    double mean = 0;
    for (int i = 0; i < through.length; i++) {
      through[i] *= gains[i] / scale;
      mean += through[i] / through.length;
    }
    for (int i = 0; i < through.length; i++) {
      through[i] -= mean;
    }
    return through;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** {@code matrix · vector}, of a matrix {@code [rows, vector.length]} in row-major order. */
  static double[] times(double[] matrix, double[] vector) {
    double[] product = new double[matrix.length / vector.length];
    for (int row = 0; row < product.length; row++) {
      double sum = 0;
      for (int i = 0; i < vector.length; i++) {
        sum += matrix[row * vector.length + i] * vector[i];
      }
      product[row] = sum;
    }
    return product;
  }

  static double[] scaled(double[] vector, double factor) {
    double[] scaled = vector.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }
}
