package dev.vitrine.kernels.reference;

import dev.vitrine.kernels.Activation;

/** The scalar functions, as formulas of {@link Math} that lose nothing to cancellation. */
final class Functions {
  private static final double SQRT_2 = Math.sqrt(2);
  private static final double SQRT_PI = Math.sqrt(Math.PI);
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

  private Functions() {}

  static double activate(Activation activation, double x) {
    return switch (activation) {
      case GELU_NEW -> gelu(x, SQRT_2_OVER_PI * (x + 0.044715 * x * x * x));
      case GELU_FAST -> gelu(x, 0.7978845608 * x * (1 + 0.044715 * x * x));
      case GELU -> x / 2 * erfc(-x / SQRT_2);
      case QUICK_GELU -> x * sigmoid(1.702 * x);
      case SILU -> x * sigmoid(x);
      case SIGMOID -> sigmoid(x);
      case RELU -> Math.max(x, 0);
      case TANH -> Math.tanh(x);
    };
  }

  /** {@code x/2 · (1 + tanh(u)) = x · σ(2u)}, which keeps its digits where tanh(u) is near -1. */
  private static double gelu(double x, double u) {
    return x * sigmoid(2 * u);
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** {@code 1 - erf(x)}, to a relative error of some 1e-15. */
  static double erfc(double x) {
    if (x < 0) {
      return 2 - erfc(-x);
    }
    return x < 2 ? 1 - erfBySeries(x) : erfcByFraction(x);
  }

  /** {@code erf(x) = 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!}: all terms have one sign. */
  private static double erfBySeries(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > sum * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / SQRT_PI * Math.exp(-x * x) * sum;
  }

  /** {@code erfc(x) = exp(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …))))}. */
  private static double erfcByFraction(double x) {
    double tail = x;
    for (int n = 200; n >= 1; n--) {
      tail = x + n / 2.0 / tail;
    }
    return Math.exp(-x * x) / SQRT_PI / tail;
  }
}
