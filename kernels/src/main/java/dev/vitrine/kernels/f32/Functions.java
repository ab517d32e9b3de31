package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Activation;

/**
 * The functions of {@code kernels/CONTRACT.md}, one number at a time. The vector code follows them
 * operation by operation, and calls them for what does not fill a vector.
 */
public final class Functions {
  /** Below it {@code exp} is 0, above {@link #EXP_MAX} infinite. */
  public static final float EXP_MIN = -104f;

  public static final float EXP_MAX = 89f;

  /** {@code 1.5 · 2²³}: to add it rounds to an integer, which then stands in the lowest bits. */
  public static final float ROUNDER = 12582912f;

  public static final int ROUNDER_BITS = 0x4B400000;
  public static final float LOG2_E = 0x1.715476p0f;
  public static final float LN2_HIGH = 0x1.62e430p-1f;
  public static final float LN2_LOW = -0x1.05c610p-29f;

  /** {@code (exp(r) - 1 - r) / r²} on {@code |r| ≤ ln(2)/2}, relative to exp(r) within 3.1e-9. */
  public static final float E2 = 0x1.fffffcp-2f;

  public static final float E3 = 0x1.555490p-3f;
  public static final float E4 = 0x1.5558f4p-5f;
  public static final float E5 = 0x1.123a6cp-7f;
  public static final float E6 = 0x1.6a234cp-10f;

  /** Below it {@code tanh} is its own polynomial, for what {@code exp} would cancel. */
  public static final float TANH_SMALL = 0.625f;

  /** {@code (tanh(x)/x - 1) / x²} as a polynomial in x², within 4.2e-9. */
  public static final float T0 = -0x1.555534p-2f;

  public static final float T1 = 0x1.110768p-3f;
  public static final float T2 = -0x1.b84448p-5f;
  public static final float T3 = 0x1.5256d8p-6f;
  public static final float T4 = -0x1.76ac1ap-8f;

  /** {@code 2√(2/π)} and 0.044715 times it: twice the argument of GELU's tanh is x (A + B x²). */
  public static final float GELU_A = 0x1.988454p0f;

  public static final float GELU_B = 0x1.2444f2p-4f;

  /** Beyond it the normal distribution has no tail that a float could hold. */
  public static final float TAIL_MAX = 15f;

  /**
   * {@code (a + 4) · exp(a²/2) · erfc(a/√2)/2} as a polynomial in {@code (a - 4)/(a + 4)}, relative
   * error within 8.8e-9.
   */
  public static final float Q0 = 0x1.82b4bcp-1f;

  public static final float Q1 = -0x1.373e38p-1f;
  public static final float Q2 = 0x1.8c6d9ep-2f;
  public static final float Q3 = -0x1.7e0006p-3f;
  public static final float Q4 = 0x1.eed3e0p-5f;
  public static final float Q5 = -0x1.ed289ep-8f;
  public static final float Q6 = -0x1.cc55ccp-9f;
  public static final float Q7 = 0x1.9b7566p-10f;
  public static final float Q8 = 0x1.7612d4p-13f;
  public static final float Q9 = -0x1.15bb7ap-13f;

  /** {@code (2 artanh(s) - 2s) / s³} as a polynomial in s², within 1.7e-9. */
  private static final float L0 = 0x1.55557cp-1f;

  private static final float L1 = 0x1.995d84p-2f;
  private static final float L2 = 0x1.32063ap-2f;

  /** The bits of {@code √½}: mantissas are taken from there to {@code √2}. */
  private static final int SQRT_HALF_BITS = 0x3F3504F3;

  private Functions() {}

  /** The function that {@code activation} names. */
  public static float activate(Activation activation, float x) {
    return switch (activation) {
      case GELU_NEW, GELU_FAST -> geluByTanh(x);
      case GELU -> gelu(x);
      case QUICK_GELU -> x * sigmoid(1.702f * x);
      case SILU -> x * sigmoid(x);
      case SIGMOID -> sigmoid(x);
      case RELU -> x <= 0 ? 0 : x;
      case TANH -> tanh(x);
    };
  }

  /** {@code exp(x)}; results below the normal range are rounded once more. */
  public static float exp(float x) {
    return exp(x, 0f);
  }

  /** {@code exp(x + low)} for a {@code low} much smaller than x. */
  private static float exp(float x, float low) {
    float c = x < EXP_MIN ? EXP_MIN : x;
    c = c > EXP_MAX ? EXP_MAX : c;
    float t = Math.fma(c, LOG2_E, ROUNDER);
    int n = Float.floatToRawIntBits(t) - ROUNDER_BITS;
    float f = t - ROUNDER;
    float r = Math.fma(f, -LN2_HIGH, c);
    r = Math.fma(f, -LN2_LOW, r);
    r = r + low;
    float p = Math.fma(E6, r, E5);
    p = Math.fma(p, r, E4);
    p = Math.fma(p, r, E3);
    p = Math.fma(p, r, E2);
    p = Math.fma(p, r, 1f);
    p = Math.fma(p, r, 1f);
    int half = n >> 1;
    return p * powerOfTwo(half) * powerOfTwo(n - half);
  }

  private static float powerOfTwo(int n) {
    return Float.intBitsToFloat((n + 127) << 23);
  }

  /** {@code 1/(1 + exp(-x))}, by the exponential of -|x|, which cannot overflow. */
  public static float sigmoid(float x) {
    float e = exp(-Math.abs(x));
    float numerator = x >= 0 ? 1f : e;
    return numerator / (1f + e);
  }

  public static float tanh(float x) {
    float a = Math.abs(x);
    float z = a * a;
    float p = Math.fma(T4, z, T3);
    p = Math.fma(p, z, T2);
    p = Math.fma(p, z, T1);
    p = Math.fma(p, z, T0);
    float small = Math.fma(a * z, p, a);
    float large = 1f - 2f / (exp(2f * a) + 1f);
    float magnitude = a < TANH_SMALL ? small : large;
    int sign = Float.floatToRawIntBits(x) & Integer.MIN_VALUE;
    return Float.intBitsToFloat(Float.floatToRawIntBits(magnitude) | sign);
  }

  /** {@code x/2 · (1 + tanh(u)) = x · σ(2u)}. */
  private static float geluByTanh(float x) {
    float w = Math.fma(GELU_B, x * x, GELU_A);
    return x * sigmoid(x * w);
  }

  /** {@code x · Φ(x)}. */
  private static float gelu(float x) {
    float q = tail(Math.abs(x));
    return x * (x < 0 ? q : 1f - q);
  }

  /** {@code Φ(-a) = erfc(a/√2)/2} for a ≥ 0. */
  public static float tail(float a) {
    float b = a > TAIL_MAX ? TAIL_MAX : a;
    float s = b * b;
    float low = Math.fma(b, b, -s);
    float t = 1f / (b + 4f);
    float q = Math.fma(b + b, t, -1f);
    float p = Math.fma(Q9, q, Q8);
    p = Math.fma(p, q, Q7);
    p = Math.fma(p, q, Q6);
    p = Math.fma(p, q, Q5);
    p = Math.fma(p, q, Q4);
    p = Math.fma(p, q, Q3);
    p = Math.fma(p, q, Q2);
    p = Math.fma(p, q, Q1);
    p = Math.fma(p, q, Q0);
    return p * t * exp(-0.5f * s, -0.5f * low);
  }

  /** {@code ln(x)} for finite x ≥ 1; NaN for NaN. */
  public static float log(float x) {
    if (!(x >= 1f)) {
      return x;
    }
    int bits = Float.floatToRawIntBits(x);
    int k = (bits - SQRT_HALF_BITS) >> 23;
    float f = Float.intBitsToFloat(bits - (k << 23)) - 1f;
    float s = f / (2f + f);
    float z = s * s;
    float p = Math.fma(L2, z, L1);
    p = Math.fma(p, z, L0);
    p = Math.fma(p, z, 2f);
    return Math.fma((float) k, LN2_HIGH, s * p);
  }

  /** Folds 16 partial sums: the upper half onto the lower, until one is left. */
  public static float fold(float[] partials) {
    for (int half = Kernels.PARTIALS / 2; half >= 1; half /= 2) {
      for (int i = 0; i < half; i++) {
        partials[i] += partials[i + half];
      }
    }
    return partials[0];
  }
}
