package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.simd.Vectors.LANES;
import static dev.vitrine.kernels.simd.Vectors.SPECIES;

import dev.vitrine.kernels.Activation;
import jdk.incubator.vector.FloatVector;

/**
 * An activation over as much of a row as fills whole vectors. One loop each: a choice inside the
 * loop, or a lambda, would keep the vectors out of registers.
 */
final class Activations {
  private Activations() {}

  /**
   * Applies an activation, and says to how many numbers.
   *
   * <p>All loops stand in one method, which is too large (more than 325 bytes of code) for HotSpot
   * to take into its caller: there it would run out of nodes in the middle of a polynomial, and
   * vectors become objects. Where it did, GELU took five times as long.
   */
  static int apply(
      Activation activation, float[] x, int x0, float[] out, int out0, int count, float[] room) {
    int i = 0;
    switch (activation) {
      case GELU_NEW, GELU_FAST -> {
        for (; i <= count - LANES; i += LANES) {
          Vectors.geluByTanh(load(x, x0 + i)).intoArray(out, out0 + i);
        }
      }
      case GELU -> { // in two passes, lest it be too much for one loop
        for (; i <= count - LANES; i += LANES) {
          Vectors.bell(load(x, x0 + i)).intoArray(room, i);
        }
        for (int j = 0; j < i; j += LANES) {
          Vectors.gelu(load(x, x0 + j), load(room, j)).intoArray(out, out0 + j);
        }
      }
      case QUICK_GELU -> {
        for (; i <= count - LANES; i += LANES) {
          Vectors.quickGelu(load(x, x0 + i)).intoArray(out, out0 + i);
        }
      }
      case SILU -> {
        for (; i <= count - LANES; i += LANES) {
          Vectors.silu(load(x, x0 + i)).intoArray(out, out0 + i);
        }
      }
      case SIGMOID -> {
        for (; i <= count - LANES; i += LANES) {
          Vectors.sigmoid(load(x, x0 + i)).intoArray(out, out0 + i);
        }
      }
      case RELU -> {
        for (; i <= count - LANES; i += LANES) {
          Vectors.relu(load(x, x0 + i)).intoArray(out, out0 + i);
        }
      }
      case TANH -> {
        for (; i <= count - LANES; i += LANES) {
          Vectors.tanh(load(x, x0 + i)).intoArray(out, out0 + i);
        }
      }
    }
    return i;
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(SPECIES, x, at);
  }
}
