package dev.vitrine.kernels.f32;

/**
 * Floats: element {@code [i, j]} lies at {@code (j / width · in + i) · width + j % width}, counted
 * from where a cache line begins.
 */
final class FloatPanels extends PackedMatrix {
  private final float[] data;

  FloatPanels(int in, int out, int block, int width) {
    super(in, out, block, width);
    int padded = Math.multiplyExact(panels(), width);
    int length = Math.addExact(Math.multiplyExact(padded, in), 2 * Kernels.MAX_WIDTH);
    this.data = new float[length];
  }

  @Override
  float[] room(float[] strip) {
    return data;
  }

  @Override
  void store(int panel, int i, int count, float[] strip) {
    // They lie there already.
  }

  @Override
  void column(int column, float[] into, int at) {
    int first = floatsAt(column / width, 0) + column % width;
    for (int i = 0; i < in(); i++) {
      into[at + i] = data[first + i * width];
    }
  }

  @Override
  float[] floats(Kernels kernels, int panel, int i, int count, Scratch scratch) {
    return data;
  }

  @Override
  int floatsAt(int panel, int i) {
    return Kernels.LINE + (panel * in() + i) * width;
  }

  @Override
  boolean floatsAtRest() {
    return true;
  }

  @Override
  int together() {
    return 1;
  }

  @Override
  void row(
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
    int w0 = floatsAt(panel, i);
    kernels.tile(x, x0, 1, data, w0, count, first, out, out0, w0, 0, scratch.sums);
  }
}
