package dev.vitrine.analysis.divergence;

/**
 * The one input that explains an error best: {@code error[p] ≈ factor · x[p, index]}.
 *
 * @param index which input
 * @param factor how much of it, by least squares
 */
record Fit(int index, double factor) {

  /**
   * The best of all inputs.
   *
   * @param errors {@code [positions]}
   * @param x {@code [positions, inputs]}
   */
  static Fit best(double[] errors, double[] x) {
    int inputs = x.length / errors.length;
    Fit best = new Fit(0, 0);
    double most = -1;
    for (int i = 0; i < inputs; i++) {
      double along = 0;
      double length = 0;
      for (int p = 0; p < errors.length; p++) {
        along += errors[p] * x[p * inputs + i];
        length += x[p * inputs + i] * x[p * inputs + i];
      }
      double explained = length == 0 ? 0 : along * along / length;
      if (explained > most) {
        most = explained;
        best = new Fit(i, length == 0 ? 0 : along / length);
      }
    }
    return best;
  }
}
