package dev.vitrine.kernels.f32;

import org.jspecify.annotations.Nullable;

/** Floats: element {@code [i, j]} lies at {@code (j / width · in + i) · width + j % width}. */
final class FloatPanels extends PackedMatrix {
  private final float[] data;

  FloatPanels(int in, int out, int block, int width) {
    super(in, out, block, width);
    int padded = Math.multiplyExact(panels(), width);
    this.data = new float[Math.multiplyExact(padded, in)];
  }

  @Override
  void store(int panel, int i, int count, float[] strip) {
    System.arraycopy(strip, 0, data, floatsAt(panel, i), count * width);
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
    return (panel * in() + i) * width;
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
      float @Nullable [] bias,
      int bias0,
      float[] out,
      float[] room) {
    int w0 = floatsAt(panel, i);
    kernels.tile(x, x0, 1, data, w0, count, first, bias, bias0, out, 0, width, room);
  }
}
