package dev.vitrine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.kernels.f32.F32Backend;
import dev.vitrine.kernels.scalar.ScalarKernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All f32 backends, on any number of threads, give the very same floats. */
final class SameBitsTest {
  private static final long SEED = 7;

  @ParameterizedTest
  @ValueSource(strings = {"simd", "scalar"})
  void oneTwoAndThreeThreadsGiveTheSame(String name) {
    try (Backend one = Backends.open(name, 1);
        Backend two = Backends.open(name, 2);
        Backend three = Backends.open(name, 3)) {
      SameBits.assertSame(one, two, SEED);
      SameBits.assertSame(one, three, SEED + 1);
    }
  }

  @Test
  void vectorsGiveWhatPlainJavaGives() {
    try (Backend simd = Backends.open("simd", 2);
        Backend scalar = Backends.open("scalar", 2)) {
      for (long seed = 0; seed < 4; seed++) {
        SameBits.assertSame(simd, scalar, seed);
      }
    }
  }

  /** Plain kernels stand in for vectors over their panels, whatever the width. */
  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32})
  void plainJavaGivesTheSameOverPanelsOfAnyWidth(int width) {
    try (Backend usual = Backends.open("scalar", 1);
        Backend other = new F32Backend("scalar", new ScalarKernels(width), 1)) {
      SameBits.assertSame(usual, other, SEED);
    }
  }

  @ParameterizedTest
  @Tag("every-backend")
  @MethodSource("dev.vitrine.kernels.UnderTest#singlePrecision")
  void plainCGivesTheSame(String name, @TempDir Path folder) throws InterruptedException {
    try (Backend c = ContractInC.compile(folder);
        Backend backend = Backends.open(name, 2)) {
      for (long seed = 10; seed < 12; seed++) {
        SameBits.assertSame(c, backend, seed);
      }
    } catch (IOException e) {
      Assumptions.abort("no C compiler to compare with: " + e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"simd", "scalar"})
  void anActivationInTheProductGivesWhatItGivesAfterIt(String name) {
    try (Backend backend = Backends.open(name, 2)) {
      Random random = new Random(SEED);
      Array x = Numbers.random(backend, random, 13, 257);
      Matrix matrix = backend.pack(Numbers.randomSource(random, 257, 97), 128);
      Array bias = Numbers.random(backend, random, 1, 97);
      Array after = backend.rows(13, 97);
      Array within = backend.rows(13, 97);
      for (Activation activation : Activation.values()) {
        backend.product(x, matrix, bias, after);
        backend.activate(activation, after, after);
        backend.product(x, matrix, bias, activation, within);
        assertThat(Numbers.bits(Numbers.numbers(backend, within)))
            .as(activation.toString())
            .isEqualTo(Numbers.bits(Numbers.numbers(backend, after)));
      }
    }
  }
}
