package dev.vitrine.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.DeviceException;
import dev.vitrine.kernels.SameBits;
import dev.vitrine.kernels.cuda.device.CudaDriver;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the software driver shows, on a real device: {@code ./mvnw verify -Dgroups=gpu}. Elsewhere
 * it is skipped, and says why.
 */
@Tag("gpu")
final class OnAGpuTest {

  @BeforeAll
  static void require() {
    CudaDriver.Problem problem = CudaDriver.problem();
    Assumptions.assumeTrue(problem == null, () -> "no GPU: " + problem);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void everyOperationGivesTheBitsOfPlainJava(long seed) {
    try (Backend cuda = Backends.open("cuda", 0);
        Backend scalar = Backends.open("scalar", 0)) {
      System.out.println(cuda.description());
      SameBits.assertSame(scalar, cuda, seed);
    }
  }

  @Test
  void theSizesOfGpt2GiveTheBitsOfTheProcessor() {
    try (Backend cuda = Backends.open("cuda", 0);
        Backend simd = Backends.open("simd", 0)) {
      for (int rows : new int[] {1, 14, 130, 1024}) {
        assertThat(product(cuda, rows, 768, 3072)).isEqualTo(product(simd, rows, 768, 3072));
        assertThat(product(cuda, rows, 3072, 768)).isEqualTo(product(simd, rows, 3072, 768));
      }
      assertThat(product(cuda, 1, 768, 50257)).isEqualTo(product(simd, 1, 768, 50257));
    }
  }

  private static float[] product(Backend backend, int rows, int in, int out) {
    Random random = new Random(rows);
    Array x = backend.rows(rows, in);
    for (int r = 0; r < rows; r++) {
      backend.write(x, r, 0, in, gaussian(random, in), 0);
    }
    float[] weights = gaussian(random, in * out);
    Array y = backend.rows(rows, out);
    backend.product(x, backend.pack(new Weights(in, out, weights), 128), null, y);
    float[] numbers = new float[rows * out];
    for (int r = 0; r < rows; r++) {
      backend.read(y, r, 0, out, numbers, r * out);
    }
    return numbers;
  }

  private static float[] gaussian(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Weights(int rows, int columns, float[] numbers)
      implements dev.vitrine.kernels.Source {
    @Override
    public void read(int row, int from, int count, float[] into, int at) {
      System.arraycopy(numbers, row * columns + from, into, at, count);
    }
  }

  /** What the trial at opening has compared already, and more shapes. */
  @ParameterizedTest
  @EnumSource
  void productsOnTensorCoresAreWhatTheyShouldBe(Operands operands) {
    CudaDriver.Problem problem = CudaDriver.problem(operands.capability());
    Assumptions.assumeTrue(problem == null, () -> operands.backend() + ": " + problem);
    try (Backend backend = Backends.open(operands.backend(), 0)) {
      TensorChecks checks = new TensorChecks(backend, operands);
      checks.areOffByWhatRoundingExplains();
      checks.areTheSameEveryTime();
      checks.areTheSumsOfTheirBlocks();
      checks.gatherWeightsAsTheyWereRounded();
      checks.leaveTheContractToTheRest();
    }
  }

  @Test
  void aSpentBudgetIsAnErrorThatLeavesTheBackendUsable() {
    try (CudaBackend cuda = new CudaBackend(64 << 20, true);
        Backend scalar = Backends.open("scalar", 1)) {
      Array held = cuda.rows(40, 1 << 18);
      assertThatThrownBy(() -> cuda.rows(40, 1 << 18))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("of a budget of 64 MiB 40 are taken");
      assertThat(Trial.firstDifference(cuda, scalar, null)).isNull();
      assertThat(held.rows()).isEqualTo(40);
    }
  }
}
