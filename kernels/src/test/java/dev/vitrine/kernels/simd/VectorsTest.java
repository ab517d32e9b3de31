package dev.vitrine.kernels.simd;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.f32.Floats;
import dev.vitrine.kernels.f32.Functions;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Functions on vectors give the floats that they give one number at a time, over their domain. */
final class VectorsTest {
  private final SimdKernels kernels = new SimdKernels();

  @Test
  void expIsThatOfOneNumber() {
    Floats.around(0x1p-26f, -105, 90)
        .forEach(floats -> {
          float[] out = new float[floats.length];
          int i = 0;
          for (; i <= floats.length - Vectors.LANES; i += Vectors.LANES) {
            Vectors.exp(FloatVector.fromArray(Vectors.SPECIES, floats, i)).intoArray(out, i);
          }
          for (int j = 0; j < i; j++) {
            same("exp", floats[j], out[j], Functions.exp(floats[j]));
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void activationsAreThoseOfOneNumber(Activation activation) {
    Floats.around(0x1p-26f, -110, 90)
        .forEach(floats -> {
          float[] out = new float[floats.length];
          kernels.activate(activation, floats, 0, out, 0, floats.length, new float[floats.length]);
          for (int i = 0; i < floats.length; i++) {
            same(activation, floats[i], out[i], Functions.activate(activation, floats[i]));
          }
        });
  }

  private static void same(Object function, float x, float vectors, float one) {
    if (Float.floatToIntBits(vectors) != Float.floatToIntBits(one)) {
      throw new AssertionError("%s of %s (%a): %s, not %s".formatted(function, x, x, vectors, one));
    }
  }
}
