package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Precision;

/**
 * Bytes with a scale for each group of inputs and column. Four lie in an int: from the lowest,
 * inputs i and columns j and {@code j + width / 2} of a panel, then the same of input {@code i +
 * 1}. A block begins with an int of its own, as does a group, since groups are even but for the
 * last. Scales are bf16, laid out as {@link Bf16Panels} lays out a row.
 */
final class Int8Panels extends PackedMatrix {
  private final int[] words;
  private final int[] scales;
  private final int pairsInPanel;
  private final int pairsInBlock;
  private final int groupsInPanel;
  private final int groupsInBlock;

  Int8Panels(int in, int out, int block, int width) {
    super(in, out, block, width);
    int rest = in % block;
    pairsInBlock = Math.ceilDiv(block, 2);
    pairsInPanel = Math.addExact(in / block * pairsInBlock, Math.ceilDiv(rest, 2));
    groupsInBlock = Math.ceilDiv(block, Precision.GROUP);
    groupsInPanel = in / block * groupsInBlock + Math.ceilDiv(rest, Precision.GROUP);
    int half = width / 2;
    words = new int[Math.multiplyExact(Math.multiplyExact(panels(), pairsInPanel), half)];
    scales = new int[Math.multiplyExact(Math.multiplyExact(panels(), groupsInPanel), half)];
  }

  /** Where the pair begins that input {@code i} belongs to. */
  private int at(int panel, int i) {
    int pair = panel * pairsInPanel + i / block() * pairsInBlock + i % block() / 2;
    return pair * (width / 2);
  }

  private int scaleAt(int panel, int i) {
    int group = i / block() * groupsInBlock + i % block() / Precision.GROUP;
    return (panel * groupsInPanel + group) * (width / 2);
  }

  @Override
  void store(int panel, int i, int count, float[] strip) {
    float[] scale = new float[width];
    for (int j = 0; j < width; j++) {
      float max = 0;
      for (int k = 0; k < count; k++) {
        max = Math.max(max, Math.abs(strip[k * width + j]));
      }
      scale[j] = Precision.scale(max);
    }
    Bf16Panels.pack(scale, 1, width, scales, scaleAt(panel, i));
    int half = width / 2;
    for (int k = 0; k < count; k++) {
      int at = at(panel, i + k);
      int shift = (i + k) % block() % 2 * 16;
      for (int j = 0; j < half; j++) {
        int low = Precision.quantized(strip[k * width + j], scale[j]) & 0xFF;
        int high = Precision.quantized(strip[k * width + half + j], scale[half + j]) & 0xFF;
        words[at + j] |= (high << 8 | low) << shift;
      }
    }
  }

  @Override
  void column(int column, float[] into, int at) {
    int panel = column / width;
    int j = column % width;
    int half = width / 2;
    for (int i = 0; i < in(); i++) {
      int shift = i % block() % 2 * 16 + j / half * 8;
      byte q = (byte) (words[at(panel, i) + j % half] >> shift);
      into[at + i] = q * Bf16Panels.get(scales, scaleAt(panel, i), j, width);
    }
  }

  @Override
  float[] floats(Kernels kernels, int panel, int i, int count, Scratch scratch) {
    float[] floats = scratch.widened((count + 1) * width);
    kernels.widenInt8(words, at(panel, i), scales, scaleAt(panel, i), count, floats);
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
    kernels.rowInt8(x, x0, words, at(panel, i), scales, scaleAt(panel, i), count, sums);
    if (first) {
      System.arraycopy(sums, 0, out, out0, width);
    } else {
      kernels.add(out, out0, 0, sums, 0, 0, 1, out, out0, 0);
    }
  }
}
