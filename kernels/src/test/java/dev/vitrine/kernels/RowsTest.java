package dev.vitrine.kernels;

import static dev.vitrine.kernels.Numbers.bits;
import static dev.vitrine.kernels.Numbers.numbers;
import static dev.vitrine.kernels.Numbers.random;
import static dev.vitrine.kernels.Numbers.randomSource;
import static dev.vitrine.kernels.Numbers.row;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes out in a row depends on that row alone, bit for bit. */
@Tag("every-backend")
final class RowsTest {

  @ParameterizedTest
  @MethodSource("dev.vitrine.kernels.UnderTest#backends")
  void aRowAloneIsARowInABatch(String name) {
    Random random = new Random(1);
    try (Backend backend = Backends.open(name, 2)) {
      Array x = random(backend, random, 23, 200);
      Array bias = random(backend, random, 1, 77);
      Matrix matrix = backend.pack(randomSource(random, 200, 77), 128);
      Array together = backend.rows(23, 77);
      backend.product(x, matrix, bias, together);
      for (int r = 0; r < 23; r++) {
        Array alone = backend.rows(1, 77);
        backend.product(x.rows(r, r + 1), matrix, bias, alone);
        assertThat(bits(numbers(backend, alone))).isEqualTo(bits(row(backend, together, r)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.vitrine.kernels.UnderTest#backends")
  void blocksAddUpToTheProduct(String name) {
    Random random = new Random(2);
    try (Backend backend = Backends.open(name, 2)) {
      Array x = random(backend, random, 9, 300);
      Array bias = random(backend, random, 1, 70);
      Matrix matrix = backend.pack(randomSource(random, 300, 70), 64);
      Array product = backend.rows(9, 70);
      backend.product(x, matrix, bias, product);
      Array blocks = backend.rows(9, 5 * 70);
      backend.blocks(x, matrix, blocks);
      Array sum = backend.rows(9, 70);
      backend.copy(blocks.columns(0, 70), 0, sum, 0, 9);
      for (int b = 1; b < 5; b++) {
        backend.add(sum, blocks.columns(b * 70, (b + 1) * 70), sum);
      }
      for (int r = 0; r < 9; r++) {
        backend.add(sum.rows(r, r + 1), bias, sum.rows(r, r + 1));
      }
      assertThat(numbers(backend, sum)).isEqualTo(numbers(backend, product));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.vitrine.kernels.UnderTest#backends")
  void aPromptAtOnceIsAPromptTokenByTokenAndInPieces(String name) {
    Random random = new Random(3);
    int heads = 3;
    int size = 20;
    int length = 150;
    try (Backend backend = Backends.open(name, 2)) {
      Array q = random(backend, random, length, heads * size);
      Array keyRows = random(backend, random, length, heads * size);
      Array values = backend.values(length, heads, size);
      backend.copy(random(backend, random, length, heads * size), 0, values, 0, length);
      Array keys = backend.keys(length, heads, size);
      backend.copy(keyRows, 0, keys, 0, length);
      Array whole = backend.rows(length, heads * size);
      backend.attend(heads, 0.3, q, List.of(new Span(0, length, 0, keys, values)), whole);
      for (int piece : new int[] {1, 7, 64}) {
        Array growing = backend.keys(length, heads, size);
        Array z = backend.rows(length, heads * size);
        for (int from = 0; from < length; from += piece) {
          int count = Math.min(piece, length - from);
          backend.copy(keyRows, from, growing, from, count);
          Span span = new Span(from, count, from, growing, values);
          backend.attend(heads, 0.3, q, List.of(span), z);
        }
        assertThat(bits(numbers(backend, z))).isEqualTo(bits(numbers(backend, whole)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.vitrine.kernels.UnderTest#backends")
  void theFutureIsNeverTouched(String name) {
    Random random = new Random(4);
    try (Backend backend = Backends.open(name, 1)) {
      Array q = random(backend, random, 5, 32);
      Array kept = backend.rows(5, 32);
      Array keys = backend.keys(9, 2, 16);
      Array rows = random(backend, random, 9, 32);
      Array values = backend.values(9, 2, 16);
      backend.copy(rows, 0, keys, 0, 9);
      backend.copy(rows, 0, values, 0, 9);
      backend.attend(2, 0.25, q, List.of(new Span(0, 5, 0, keys, values)), kept);
      Array nan = backend.rows(4, 32);
      float[] nans = new float[32];
      java.util.Arrays.fill(nans, Float.NaN);
      for (int r = 0; r < 4; r++) {
        backend.write(nan, r, 0, 32, nans, 0);
      }
      backend.copy(nan, 0, keys, 5, 4);
      backend.copy(nan, 0, values, 5, 4);
      Array z = backend.rows(5, 32);
      backend.attend(2, 0.25, q, List.of(new Span(0, 5, 0, keys, values)), z);
      assertThat(bits(numbers(backend, z))).isEqualTo(bits(numbers(backend, kept)));
    }
  }
}
