package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Precision;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Source;
import java.util.Arrays;

/**
 * A weight in panels of {@code width} columns, the last one filled up with zeros; how a panel holds
 * its numbers is left to each {@link Precision}.
 *
 * <p>A <em>strip</em> is the part of a panel that belongs to one group of inputs: at most {@link
 * Precision#GROUP}, and none across the border of two blocks.
 */
abstract sealed class PackedMatrix implements Matrix permits FloatPanels, PairedPanels {
  final int width;
  private final int in;
  private final int out;
  private final int block;

  PackedMatrix(int in, int out, int block, int width) {
    this.in = in;
    this.out = out;
    this.block = Shapes.block(block);
    this.width = width;
  }

  /** From a source {@code [in, out]}, or {@code [out, in]} if it is {@code transposed}. */
  static PackedMatrix of(
      Source source, boolean transposed, int block, Precision precision, int width) {
    int in = transposed ? source.columns() : source.rows();
    int out = transposed ? source.rows() : source.columns();
    PackedMatrix matrix =
        switch (precision) {
          case F32 -> new FloatPanels(in, out, block, width);
          case BF16 -> new Bf16Panels(in, out, block, width);
          case INT8 -> new Int8Panels(in, out, block, width);
        };
    if (transposed) {
      matrix.packPanels(source);
    } else {
      matrix.packGroups(source);
    }
    return matrix;
  }

  /** Group by group: some rows of the source are a strip of every panel. */
  private void packGroups(Source source) {
    float[] rows = new float[Precision.GROUP * out];
    float[] strip = new float[Precision.GROUP * width];
    int count;
    for (int i = 0; i < in; i += count) {
      count = group(i);
      source.readRows(i, count, rows, 0);
      for (int panel = 0; panel < panels(); panel++) {
        int columns = columns(panel);
        float[] into = room(strip);
        int at = floatsAt(panel, i);
        for (int k = 0; k < count; k++) {
          System.arraycopy(rows, k * out + panel * width, into, at + k * width, columns);
          Arrays.fill(into, at + k * width + columns, at + (k + 1) * width, 0f);
        }
        store(panel, i, count, strip);
      }
    }
  }

  /** Panel by panel: some rows of the source are the columns of one panel. */
  private void packPanels(Source source) {
    float[] columns = new float[width * in];
    float[] strip = new float[Precision.GROUP * width];
    for (int panel = 0; panel < panels(); panel++) {
      int some = columns(panel);
      source.readRows(panel * width, some, columns, 0);
      Arrays.fill(columns, some * in, columns.length, 0f);
      int count;
      for (int i = 0; i < in; i += count) {
        count = group(i);
        transpose(columns, i, in, count, room(strip), floatsAt(panel, i), width);
        store(panel, i, count, strip);
      }
    }
  }

  /**
   * {@code into[k, j] = from[j, k]} for the first {@code count} k and all {@code width} j, eight j
   * at a time, so that each line that is read or written is finished while it is near.
   *
   * @param stride how far apart the rows of {@code from} are
   * @param width a multiple of eight
   */
  private static void transpose(
      float[] from, int from0, int stride, int count, float[] into, int into0, int width) {
    for (int j = 0; j < width; j += 8) {
      int a = from0 + j * stride;
      int b = a + stride;
      int c = b + stride;
      int d = c + stride;
      int e = d + stride;
      int f = e + stride;
      int g = f + stride;
      int h = g + stride;
      int at = into0 + j;
      for (int k = 0; k < count; k++) {
        into[at] = from[a + k];
        into[at + 1] = from[b + k];
        into[at + 2] = from[c + k];
        into[at + 3] = from[d + k];
        into[at + 4] = from[e + k];
        into[at + 5] = from[f + k];
        into[at + 6] = from[g + k];
        into[at + 7] = from[h + k];
        at += width;
      }
    }
  }

  /** How many inputs the group has that begins with input {@code i}. */
  private int group(int i) {
    return Math.min(Math.min(Precision.GROUP, block - i % block), in - i);
  }

  /** How many columns of a panel are not filling. */
  private int columns(int panel) {
    return Math.min(width, out - panel * width);
  }

  int panels() {
    return Math.ceilDiv(out, width);
  }

  /**
   * Where the floats of a strip are gathered, from {@link #floatsAt} on: {@code strip}, unless they
   * may lie at once where they stay.
   */
  float[] room(float[] strip) {
    return strip;
  }

  /** Takes a strip {@code [count, width]} of a panel, from input {@code i} on. */
  abstract void store(int panel, int i, int count, float[] strip);

  /** Writes column {@code column} to {@code into}. */
  abstract void column(int column, float[] into, int at);

  /**
   * A block of a panel as floats {@code [count, width]}, which begin at {@link #floatsAt}.
   *
   * @param i where the block begins
   */
  abstract float[] floats(Kernels kernels, int panel, int i, int count, Scratch scratch);

  abstract int floatsAt(int panel, int i);

  /** Whether all blocks lie in the array of {@link #floats}, so that the next can be called for. */
  abstract boolean floatsAtRest();

  /** How many panels lie together, the first of them a multiple of that many. */
  abstract int together();

  /**
   * {@link Kernels#tile} for a block and one row, which widens nothing to memory.
   *
   * @param panels how many panels, none of which lies apart from the first
   * @param out the panels' sums side by side
   */
  abstract void row(
      Kernels kernels,
      float[] x,
      int x0,
      int panel,
      int panels,
      int i,
      int count,
      boolean first,
      float[] out,
      int out0,
      Scratch scratch);

  @Override
  public int in() {
    return in;
  }

  @Override
  public int out() {
    return out;
  }

  @Override
  public int block() {
    return block;
  }
}
