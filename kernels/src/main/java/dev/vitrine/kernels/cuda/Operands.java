package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Precision;
import java.util.Locale;

/**
 * What tensor cores multiply: weights and rows rounded to 16 bits, to nearest, the even one of two.
 * Products of two such numbers are exact in f32, in which they are added.
 *
 * <p>A backend that computes so has bits of its own and does not keep the contract: it is chosen
 * only by its name.
 */
public enum Operands {
  /** 8 significant bits, and the range of f32. */
  BF16(80, 0x1p-8),

  /** 11 significant bits; beyond 65504 a number becomes infinite. */
  F16(75, 0x1p-11);

  private final int capability;
  private final double unit;

  Operands(int capability, double unit) {
    this.capability = capability;
    this.unit = unit;
  }

  /** The backend's name: {@code cuda-bf16}, {@code cuda-f16}. */
  public String backend() {
    return "cuda-" + this;
  }

  /** The compute capability that it needs, 80 for 8.0. */
  public int capability() {
    return capability;
  }

  /** The most by which a number in range is rounded, relative to it. */
  public double unit() {
    return unit;
  }

  /** A number as it is multiplied. */
  public float round(float x) {
    return switch (this) {
      case BF16 -> Precision.bf16(x);
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(x));
    };
  }

  /** The name of the file of its PTX. */
  public String file() {
    return "tensor_" + this;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
