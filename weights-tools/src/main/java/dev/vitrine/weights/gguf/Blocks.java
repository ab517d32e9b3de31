package dev.vitrine.weights.gguf;

import dev.vitrine.weights.Dtype;

/**
 * Turns quantised blocks into floats, to the bit as the {@code gguf} package of Python does.
 *
 * <p>Each method reads one block that begins at {@code b[at]} and writes its elements from {@code
 * out[to]} on. {@code d} is the scale, {@code m} the least value, {@code q} the integers.
 */
final class Blocks {

  private Blocks() {}

  static void dequantise(Dtype dtype, byte[] b, int at, float[] out, int to) {
    switch (dtype) {
      case Q8_0 -> q80(b, at, out, to);
      case Q4_0 -> q4(b, at, at + 2, false, out, to);
      case Q4_1 -> q4(b, at, at + 4, true, out, to);
      case Q5_0 -> q5(b, at, at + 2, false, out, to);
      case Q5_1 -> q5(b, at, at + 4, true, out, to);
      case Q4_K -> q4k(b, at, out, to);
      case Q5_K -> q5k(b, at, out, to);
      case Q6_K -> q6k(b, at, out, to);
      default -> throw new IllegalArgumentException("no blocks: " + dtype);
    }
  }

  private static int bits(byte[] b, int at, int shift, int mask) {
    return (b[at] >> shift) & mask;
  }

  private static float half(byte[] b, int at) {
    return Float.float16ToFloat((short) ((b[at] & 0xff) | (b[at + 1] << 8)));
  }

  /** {@code d, q[32]}: {@code d · q}. */
  private static void q80(byte[] b, int at, float[] out, int to) {
    float d = half(b, at);
    for (int i = 0; i < 32; i++) {
      out[to + i] = b[at + 2 + i] * d;
    }
  }

  /** {@code d, [m,] q[16]}, two in a byte: {@code d · (q - 8)} or {@code d · q + m}. */
  private static void q4(byte[] b, int at, int q, boolean least, float[] out, int to) {
    float d = half(b, at);
    for (int i = 0; i < 32; i++) {
      int value = bits(b, q + i % 16, 4 * (i / 16), 15);
      out[to + i] = least ? d * value + half(b, at + 2) : d * (value - 8);
    }
  }

  /** As {@link #q4}, with 32 bits before {@code q} that are the fifth bits. */
  private static void q5(byte[] b, int at, int high, boolean least, float[] out, int to) {
    float d = half(b, at);
    for (int i = 0; i < 32; i++) {
      int low = bits(b, high + 4 + i % 16, 4 * (i / 16), 15);
      int value = low | (bits(b, high + i / 8, i % 8, 1) << 4);
      out[to + i] = least ? d * value + half(b, at + 2) : d * (value - 16);
    }
  }

  /** The scale of part {@code j} of 8, of 6 bits, from the 12 bytes at {@code s}. */
  private static int scale(byte[] b, int s, int j) {
    return j < 4 ? bits(b, s + j, 0, 63) : bits(b, s + 4 + j, 0, 15) | bits(b, s + j - 4, 2, 48);
  }

  /** The least value of part {@code j} of 8, of 6 bits, from the 12 bytes at {@code s}. */
  private static int least(byte[] b, int s, int j) {
    return j < 4 ? bits(b, s + 4 + j, 0, 63) : bits(b, s + 4 + j, 4, 15) | bits(b, s + j, 2, 48);
  }

  /** {@code d, m, scales[12], q[128]}: {@code (d · scale) · q - m · least}. */
  private static void q4k(byte[] b, int at, float[] out, int to) {
    float d = half(b, at);
    float m = half(b, at + 2);
    for (int j = 0; j < 8; j++) {
      float scale = d * scale(b, at + 4, j);
      float least = m * least(b, at + 4, j);
      for (int i = 0; i < 32; i++) {
        int value = bits(b, at + 16 + j / 2 * 32 + i, 4 * (j % 2), 15);
        out[to + 32 * j + i] = scale * value - least;
      }
    }
  }

  /** As {@link #q4k}, with 32 bytes of fifth bits before {@code q}. */
  private static void q5k(byte[] b, int at, float[] out, int to) {
    float d = half(b, at);
    float m = half(b, at + 2);
    for (int j = 0; j < 8; j++) {
      float scale = d * scale(b, at + 4, j);
      float least = m * least(b, at + 4, j);
      for (int i = 0; i < 32; i++) {
        int low = bits(b, at + 48 + j / 2 * 32 + i, 4 * (j % 2), 15);
        int value = low | (bits(b, at + 16 + i, j, 1) << 4);
        out[to + 32 * j + i] = scale * value - least;
      }
    }
  }

  /** {@code low[128], high[64], scales[16], d}: {@code (d · scale) · (q - 32)}. */
  private static void q6k(byte[] b, int at, float[] out, int to) {
    float d = half(b, at + 208);
    for (int i = 0; i < 256; i++) {
      int part = i / 32; // 64 low bytes hold parts 0, 1 and, in their upper halves, 2, 3
      int low = bits(b, at + part / 4 * 64 + part % 2 * 32 + i % 32, 4 * (part / 2 % 2), 15);
      int high = bits(b, at + 128 + part / 4 * 32 + i % 32, 2 * (part % 4), 3);
      out[to + i] = d * b[at + 192 + i / 16] * ((low | (high << 4)) - 32);
    }
  }
}
