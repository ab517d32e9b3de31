package dev.vitrine.kernels;

import java.util.Locale;

/**
 * How the weights of a linear map are held in memory. Reduced weights take fewer bytes, and so less
 * time where memory is what one waits for; each stands for an exact f32 number, and what is
 * computed with those numbers follows {@code kernels/CONTRACT.md} as ever.
 */
public enum Precision {
  /** As they are. */
  F32,

  /** Rounded to nearest even to the upper 16 bits of an f32: 2 bytes a weight. */
  BF16,

  /**
   * {@code q · scale} with q from -127 to 127 and one scale for {@link #GROUP} inputs of an output:
   * 1 byte and a sixteenth a weight. The scale has 8 significant bits, so that the product is
   * exact.
   */
  INT8;

  /** So many inputs have one scale; a group ends where a block of the product ends. */
  public static final int GROUP = 32;

  private static final int MAX = 127;

  /** As people write it: {@code f32}, {@code bf16}, {@code int8}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A number as bf16, widened again. */
  public static float bf16(float x) {
    return fromBf16(toBf16(x));
  }

  /** The number whose upper 16 bits these are. */
  public static float fromBf16(int bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The upper 16 bits of the nearest bf16, the even one of two; NaN stays NaN. */
  public static int toBf16(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (Float.isNaN(x)) {
      return bits >>> 16 | 0x40;
    }
    return (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
  }

  /** The scale of a group whose greatest magnitude is {@code max}: {@code max / 127} as bf16. */
  public static float scale(float max) {
    return bf16(max / MAX);
  }

  /** The nearest multiple of {@code scale}, as how many times it is. */
  public static int quantized(float x, float scale) {
    return scale == 0 ? 0 : Math.clamp((long) Math.rint(x / scale), -MAX, MAX);
  }
}
