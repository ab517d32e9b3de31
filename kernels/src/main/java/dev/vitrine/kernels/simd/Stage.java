package dev.vitrine.kernels.simd;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.f32.Kernels;

/** Arrays for kernels to be rehearsed on. */
final class Stage {
  /** So many numbers more than vectors hold, lest the compiler believe that none ever are. */
  private static final int REST = 3;

  /** The rows that are added to, or interleaved, at once. */
  private static final int ROWS = Kernels.MAX_TILE;

  /** Of a panel's rows, or of rows that are interleaved. */
  private static final int LENGTH = Rehearsal.VECTORS * Kernels.MAX_WIDTH * ROWS;

  final float[] x = new float[LENGTH];
  final float[] y = new float[LENGTH];
  final float[] w = new float[LENGTH];
  final float[] room = new float[LENGTH];
  final int[] words = new int[LENGTH];
  final float[] out = new float[Kernels.MAX_TILE * Kernels.MAX_WIDTH];
  final float[] partials = new float[Kernels.PARTIALS];

  static int length(int vectors) {
    return vectors * Vectors.LANES + REST;
  }

  void tile(Kernels kernels, int rows, int vectors) {
    kernels.tile(x, 0, rows, w, 0, vectors, true, out, 0, 0, 1, room);
    kernels.tile(x, 0, rows, w, 0, vectors, false, out, 0, 0, 1, room);
  }

  void interleave(Kernels kernels, int vectors) {
    int count = length(vectors);
    kernels.interleave(x, 0, count, Ensemble.kernels().tileRows(), count, y, 0);
  }

  void addToRows(Kernels kernels, int vectors) {
    int width = kernels.width();
    for (int row = 0; row < vectors; row += ROWS) {
      kernels.add(x, 0, width, w, 0, 0, ROWS, y, 0, width);
    }
  }

  void copyRows(Kernels kernels, int vectors) {
    int width = kernels.width();
    for (int row = 0; row < vectors; row += ROWS) {
      kernels.copy(x, 0, width, ROWS, y, 0, width);
    }
  }

  void layerNorm(Kernels kernels, int count) {
    kernels.layerNorm(x, 0, count, w, 0, w, 0, 1e-5f, y, 0, null, 0, partials);
  }

  void activate(Kernels kernels, Activation activation, int vectors) {
    kernels.activate(activation, x, 0, y, 0, length(vectors), room);
  }
}
