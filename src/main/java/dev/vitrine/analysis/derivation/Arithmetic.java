package dev.vitrine.analysis.derivation;

import java.util.Arrays;

/**
 * The arithmetic that a backend computes in: which operations round, and how sums are cut. {@code
 * kernels/CONTRACT.md} says it for single precision; the reference adds straight on in double.
 */
enum Arithmetic {
  /** The f32 contract. */
  F32(16, 128) {
    @Override
    double rounded(double x) {
      return (float) x;
    }

    @Override
    double fma(double a, double b, double c) {
      return Math.fma((float) a, (float) b, (float) c);
    }

    @Override
    double exp(double x) {
      return dev.vitrine.kernels.f32.Functions.exp((float) x);
    }

    @Override
    double log(double x) {
      return dev.vitrine.kernels.f32.Functions.log((float) x);
    }
  },

  /** The definition, in double precision. */
  F64(1, Integer.MAX_VALUE) {
    @Override
    double rounded(double x) {
      return x;
    }

    @Override
    double fma(double a, double b, double c) {
      return c + a * b;
    }

    @Override
    double exp(double x) {
      return Math.exp(x);
    }

    @Override
    double log(double x) {
      return Math.log(x);
    }
  };

  private final int partials;
  private final int attentionBlock;

  Arithmetic(int partials, int attentionBlock) {
    this.partials = partials;
    this.attentionBlock = attentionBlock;
  }

  static Arithmetic of(boolean isDouble) {
    return isDouble ? F64 : F32;
  }

  /** How many partial sums a sum over a row keeps. */
  int partials() {
    return partials;
  }

  /** The length of the blocks that attention's products are cut into. */
  int attentionBlock() {
    return attentionBlock;
  }

  /**
   * The nearest number that is stored. A sum, difference, product, quotient or root of two floats,
   * computed in double and rounded by this, is the float operation's own result.
   */
  abstract double rounded(double x);

  /** {@code a · b + c}: rounded once in single precision, twice in double. */
  abstract double fma(double a, double b, double c);

  abstract double exp(double x);

  abstract double log(double x);

  /** The partial sums, the upper half onto the lower, until one is left. */
  double fold(double... sums) {
    double[] folded = Arrays.copyOf(sums, sums.length);
    for (int half = folded.length / 2; half >= 1; half /= 2) {
      for (int i = 0; i < half; i++) {
        folded[i] = rounded(folded[i] + folded[i + half]);
      }
    }
    return folded[0];
  }
}
