package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Precision;

/**
 * The upper halves of floats, two in an int: those of columns j and {@code j + width / 2} stand in
 * the lower and the upper half of one, so that a shift or a mask widens a whole vector. Each input
 * has a line.
 */
final class Bf16Panels extends PairedPanels {

  Bf16Panels(int in, int out, int block, int width) {
    super(in, out, block, width, in);
  }

  @Override
  int line(int i) {
    return i;
  }

  @Override
  void store(int panel, int i, int count, float[] strip) {
    for (int k = 0; k < count; k++) {
      pack(strip, k * width, width, words, at(panel, i + k));
    }
  }

  /** Packs {@code width} floats to a line, each rounded to nearest. */
  static void pack(float[] row, int from, int width, int[] words, int at) {
    int half = width / 2;
    for (int j = 0; j < half; j++) {
      int low = Precision.toBf16(row[from + j]);
      int high = Precision.toBf16(row[from + half + j]);
      words[at + j] = high << 16 | low;
    }
  }

  /** Column {@code j} of a line. */
  static float get(int[] words, int at, int j, int width) {
    int half = width / 2;
    int word = words[at + j % half];
    return Precision.fromBf16(j < half ? word & 0xFFFF : word >>> 16);
  }

  @Override
  void column(int column, float[] into, int at) {
    for (int i = 0; i < in(); i++) {
      into[at + i] = get(words, at(column / width, i), column % width, width);
    }
  }

  @Override
  void widen(Kernels kernels, int w0, int count, float[] into) {
    kernels.widenBf16(words, w0, count, into);
  }

  @Override
  void sums(Kernels kernels, float[] x, int x0, int w0, int count, float[] sums) {
    kernels.rowBf16(x, x0, words, w0, count, sums);
  }
}
