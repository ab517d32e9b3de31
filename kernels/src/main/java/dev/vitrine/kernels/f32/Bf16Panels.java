package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Precision;

/**
 * The upper halves of floats, two in an int: those of columns j and {@code j + width / 2} of a
 * panel stand in the lower and the upper half of one, so that a shift or a mask widens a whole
 * vector. The int of {@code [i, j]} is the {@code (panel · in + i) · width / 2 + j}-th.
 */
final class Bf16Panels extends PackedMatrix {
  private final int[] words;

  Bf16Panels(int in, int out, int block, int width) {
    super(in, out, block, width);
    this.words = new int[Math.multiplyExact(Math.multiplyExact(panels(), width / 2), in)];
  }

  private int at(int panel, int i) {
    return (panel * in() + i) * (width / 2);
  }

  @Override
  void store(int panel, int i, int count, float[] strip) {
    pack(strip, count, width, words, at(panel, i));
  }

  /** Packs {@code [count, width]} floats, each rounded to nearest. */
  static void pack(float[] strip, int count, int width, int[] words, int at) {
    int half = width / 2;
    for (int k = 0; k < count; k++) {
      for (int j = 0; j < half; j++) {
        int low = Precision.toBf16(strip[k * width + j]);
        int high = Precision.toBf16(strip[k * width + half + j]);
        words[at + k * half + j] = high << 16 | low;
      }
    }
  }

  /** Column {@code j} of the row of a panel that begins at {@code at}. */
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
  float[] floats(Kernels kernels, int panel, int i, int count, Scratch scratch) {
    float[] floats = scratch.widened(count * width);
    kernels.widenBf16(words, at(panel, i), count, floats);
    return floats;
  }

  @Override
  int floatsAt(int panel, int i) {
    return 0;
  }

  @Override
  boolean floatsAtRest() {
    return false;
  }

  @Override
  void row(
      Kernels kernels,
      float[] x,
      int x0,
      int panel,
      int i,
      int count,
      boolean first,
      float[] out,
      int out0,
      Scratch scratch) {
    float[] sums = scratch.sums;
    kernels.rowBf16(x, x0, words, at(panel, i), count, sums);
    if (first) {
      System.arraycopy(sums, 0, out, out0, width);
    } else {
      kernels.add(out, out0, 0, sums, 0, 0, 1, out, out0, 0);
    }
  }
}
