package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * An activation over as much of a row as fills whole vectors. One loop each: a choice inside the
 * loop, or a lambda, would keep the vectors out of registers.
 */
final class Activations {
  private Activations() {}

  static int geluByTanh(float[] x, int x0, float[] out, int out0, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      Vectors.geluByTanh(load(x, x0 + i)).intoArray(out, out0 + i);
    }
    return i;
  }

  /** In two passes: the compiler does not take all of it into one loop, and then boxes vectors. */
  static int gelu(float[] x, int x0, float[] out, int out0, int count, float[] room) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      Vectors.bell(load(x, x0 + i)).intoArray(room, i);
    }
    for (int j = 0; j < i; j += LANES) {
      Vectors.gelu(load(x, x0 + j), load(room, j)).intoArray(out, out0 + j);
    }
    return i;
  }

  static int quickGelu(float[] x, int x0, float[] out, int out0, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      Vectors.quickGelu(load(x, x0 + i)).intoArray(out, out0 + i);
    }
    return i;
  }

  static int silu(float[] x, int x0, float[] out, int out0, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      Vectors.silu(load(x, x0 + i)).intoArray(out, out0 + i);
    }
    return i;
  }

  static int sigmoid(float[] x, int x0, float[] out, int out0, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      Vectors.sigmoid(load(x, x0 + i)).intoArray(out, out0 + i);
    }
    return i;
  }

  static int relu(float[] x, int x0, float[] out, int out0, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      Vectors.relu(load(x, x0 + i)).intoArray(out, out0 + i);
    }
    return i;
  }

  static int tanh(float[] x, int x0, float[] out, int out0, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      Vectors.tanh(load(x, x0 + i)).intoArray(out, out0 + i);
    }
    return i;
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(SPECIES, x, at);
  }
}
