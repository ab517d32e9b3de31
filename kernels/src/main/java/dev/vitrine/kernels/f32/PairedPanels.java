package dev.vitrine.kernels.f32;

/**
 * Reduced weights. Panels lie in pairs, line by line: a line of {@code width / 2} ints belongs to
 * the first panel, the next to the second. So one row, which takes both panels at once, walks
 * through memory straight ahead and keeps enough sums that none waits for another; and where a
 * vector is a cache line, none is in two.
 */
abstract sealed class PairedPanels extends PackedMatrix permits Bf16Panels, Int8Panels {
  final int[] words;
  private final int linesInPanel;

  PairedPanels(int in, int out, int block, int width, int linesInPanel) {
    super(in, out, block, width);
    this.linesInPanel = linesInPanel;
    int lines = Math.multiplyExact(Math.ceilDiv(panels(), 2), linesInPanel);
    int length = Math.addExact(Math.multiplyExact(lines, width), Kernels.LINE + Kernels.AHEAD);
    this.words = new int[length];
  }

  /** Where a line of a panel begins; the next one is {@code width} further on. */
  final int at(int panel, int line) {
    int half = width / 2;
    return Kernels.LINE + (panel / 2 * linesInPanel + line) * width + panel % 2 * half;
  }

  /** Which line of a panel is the first of the block that begins with input {@code i}. */
  abstract int line(int i);

  /** Widens {@code count} inputs of a panel from {@code w0} on to {@code [count, width]}. */
  abstract void widen(Kernels kernels, int w0, int count, float[] into);

  /** The sums of a block for one row and two panels, side by side. */
  abstract void sums(Kernels kernels, float[] x, int x0, int w0, int count, float[] sums);

  @Override
  final float[] floats(Kernels kernels, int panel, int i, int count, Scratch scratch) {
    float[] floats = scratch.widened((count + 1) * width);
    widen(kernels, at(panel, line(i)), count, floats);
    return floats;
  }

  @Override
  final int floatsAt(int panel, int i) {
    return 0;
  }

  @Override
  final boolean floatsAtRest() {
    return false;
  }

  @Override
  final int together() {
    return 2;
  }

  @Override
  final void row(
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
      Scratch scratch) {
    float[] sums = scratch.sums;
    int second = panel % 2;
    sums(kernels, x, x0, at(panel - second, line(i)), count, sums);
    int from = second * width;
    if (first) {
      System.arraycopy(sums, from, out, out0, panels * width);
    } else {
      kernels.add(out, out0, width, sums, from, width, panels, out, out0, width);
    }
  }
}
