package dev.vitrine.kernels.f32;

/**
 * {@code Φ(-a) = erfc(a/√2)/2} in double precision, to some 1e-15 and fast enough to be asked a
 * thousand million times: {@code y(a) = Φ(-a) · exp(a²/2)} by its Taylor series at the nearest of
 * some points, whose coefficients follow from {@code y' = a y - 1/√(2π)}.
 */
final class NormalTail {
  private static final double STEP = 1.0 / 32;
  private static final int POINTS = (int) (20 / STEP) + 1;
  private static final int TERMS = 9;
  private static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);
  private static final double[][] SERIES = series();

  private NormalTail() {}

  /** For a ≥ 0; beyond 20 what it is there, less than any float but zero. */
  static double at(double argument) {
    double a = Math.min(argument, 20);
    int point = (int) Math.rint(a / STEP);
    double[] series = SERIES[point];
    double distance = a - point * STEP;
    double y = series[TERMS - 1];
    for (int n = TERMS - 2; n >= 0; n--) {
      y = Math.fma(y, distance, series[n]);
    }
    return y * Math.exp(-a * a / 2);
  }

  private static double[][] series() {
    double[][] series = new double[POINTS][TERMS];
    for (int i = 0; i < POINTS; i++) {
      double a = i * STEP;
      double[] y = series[i];
      y[0] = scaledTail(a);
      y[1] = a * y[0] - DENSITY;
      for (int n = 1; n + 1 < TERMS; n++) {
        y[n + 1] = (a * y[n] + y[n - 1]) / (n + 1);
      }
    }
    return series;
  }

  /** The integral of {@code exp(-a t - t²/2)/√(2π)} over t ≥ 0, by Simpson's rule. */
  private static double scaledTail(double a) {
    int steps = 1 << 15;
    double end = Math.min(10, 40 / Math.max(a, 1e-3));
    double h = end / steps;
    double sum = 0;
    double lost = 0;
    for (int i = 0; i <= steps; i++) {
      double t = i * h;
      double weight = i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4;
      double term = weight * Math.exp(-t * (a + t / 2)) - lost;
      double next = sum + term;
      lost = next - sum - term;
      sum = next;
    }
    return sum * h / 3 * DENSITY;
  }
}
