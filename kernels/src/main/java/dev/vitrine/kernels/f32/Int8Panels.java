package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Precision;

/**
 * Bytes with a scale for each group of inputs and column. A group is a line of scales, laid out as
 * {@link Bf16Panels} lays out an input, and a line for each two of its inputs. An int of those
 * holds four numbers, each {@value #OFFSET} more than it is, so that none is negative: from the
 * lowest byte, input i and columns j and {@code j + width / 2}, then the same of input {@code i +
 * 1}.
 */
final class Int8Panels extends PairedPanels {
  private static final int OFFSET = 128;

  private final int linesInBlock;

  /** Whether all scales are less than {@link Kernels#MAX_SCALE}. */
  private boolean common = true;

  Int8Panels(int in, int out, int block, int width) {
    super(in, out, block, width, linesBefore(in, block));
    this.linesInBlock = lines(block);
  }

  private static int linesBefore(int i, int block) {
    return Math.addExact(Math.multiplyExact(i / block, lines(block)), lines(i % block));
  }

  /** How many lines some inputs have, from the beginning of a block on. */
  private static int lines(int inputs) {
    int rest = inputs % Precision.GROUP;
    int lines = inputs / Precision.GROUP * Kernels.LINES_IN_A_GROUP;
    return rest == 0 ? lines : lines + 1 + Math.ceilDiv(rest, 2);
  }

  /** Which line is the first of the group that input {@code i} belongs to. */
  @Override
  int line(int i) {
    int group = i % block() / Precision.GROUP;
    return i / block() * linesInBlock + group * Kernels.LINES_IN_A_GROUP;
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
      common &= scale[j] < Kernels.MAX_SCALE;
    }
    int at = at(panel, line(i));
    Bf16Panels.pack(scale, 0, width, words, at);
    int half = width / 2;
    for (int k = 0; k < count; k++) {
      int line = at + (1 + k / 2) * width;
      int shift = k % 2 * 16;
      for (int j = 0; j < half; j++) {
        int low = OFFSET + Precision.quantized(strip[k * width + j], scale[j]);
        int high = OFFSET + Precision.quantized(strip[k * width + half + j], scale[half + j]);
        words[line + j] |= (high << 8 | low) << shift;
      }
    }
  }

  @Override
  void column(int column, float[] into, int at) {
    int panel = column / width;
    int j = column % width;
    int half = width / 2;
    for (int i = 0; i < in(); i++) {
      int group = at(panel, line(i));
      int k = i % block() % Precision.GROUP;
      int word = words[group + (1 + k / 2) * width + j % half];
      int q = (word >> (k % 2 * 16 + j / half * 8) & 0xFF) - OFFSET;
      into[at + i] = q * Bf16Panels.get(words, group, j, width);
    }
  }

  @Override
  void widen(Kernels kernels, int w0, int count, float[] into) {
    kernels.widenInt8(words, w0, count, into);
  }

  @Override
  void sums(Kernels kernels, float[] x, int x0, int w0, int count, float[] sums) {
    if (common) {
      kernels.rowInt8(x, x0, words, w0, count, sums);
      return;
    }
    float[] floats = new float[(count + 1) * width];
    for (int panel = 0; panel < 2; panel++) {
      widen(kernels, w0 + panel * (width / 2), count, floats);
      int out0 = panel * width;
      kernels.tile(x, x0, 1, floats, 0, count, true, sums, out0, 0, 0, new float[width]);
    }
  }
}
