package dev.vitrine.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.BackendUnavailableException;
import dev.vitrine.kernels.Backends;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Products on tensor cores, on the software driver: the layout of operands, tiles, barriers and
 * bounds are those of a GPU. The instruction is imitated, so that its rounding is not tested here.
 */
@Tag("software-cuda")
final class TensorProductsTest {

  @BeforeAll
  static void require() {
    SoftwareCuda.require();
  }

  @AfterEach
  void asItWas() {
    SoftwareCuda.setCapability(80);
    SoftwareCuda.runBackwards(false);
  }

  private static void check(Operands operands, Consumer<TensorChecks> checks) {
    try (Backend backend = new CudaBackend(0, false, operands)) {
      checks.accept(new TensorChecks(backend, operands));
    }
  }

  @ParameterizedTest
  @EnumSource
  void areOffByWhatRoundingExplains(Operands operands) {
    check(operands, TensorChecks::areOffByWhatRoundingExplains);
  }

  @ParameterizedTest
  @EnumSource
  void areTheSameEveryTime(Operands operands) {
    SoftwareCuda.runBackwards(true);
    check(operands, TensorChecks::areTheSameEveryTime);
  }

  @ParameterizedTest
  @EnumSource
  void areTheSumsOfTheirBlocks(Operands operands) {
    check(operands, TensorChecks::areTheSumsOfTheirBlocks);
  }

  @ParameterizedTest
  @EnumSource
  void gatherWeightsAsTheyWereRounded(Operands operands) {
    check(operands, TensorChecks::gatherWeightsAsTheyWereRounded);
  }

  @ParameterizedTest
  @EnumSource
  void leaveTheContractToTheRest(Operands operands) {
    check(operands, TensorChecks::leaveTheContractToTheRest);
  }

  @ParameterizedTest
  @EnumSource
  void areHadByNameAloneAndSayWhatTheyAre(Operands operands) {
    assertThat(Backends.choices().stream().filter(Backends.Choice::automatic))
        .extracting(Backends.Choice::name)
        .containsExactly("cuda", "simd", "scalar", "reference");
    try (Backend backend = Backends.open(operands.backend(), 0)) {
      assertThat(backend.name()).isEqualTo("cuda-" + operands);
      assertThat(backend.description())
          .isEqualTo(
              "Software CUDA device (CPU, tests only), compute capability 8.0, CUDA 12.6, products"
                  + " of %s on tensor cores: other bits, and tried on no GPU yet"
                      .formatted(operands));
    }
  }

  @Test
  void aDeviceThatIsTooOldIsRefused() {
    SoftwareCuda.setCapability(75);
    assertThatThrownBy(() -> Backends.open("cuda-bf16", 0))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(
            "backend cuda-bf16 cannot run here: the device has compute capability 7.5, and 8.0 is"
                + " the oldest that will do; use another backend");
    Backends.open("cuda-f16", 0).close();
    SoftwareCuda.setCapability(70);
    assertThat(Backends.isAvailable("cuda-f16")).isFalse();
    assertThat(Backends.isAvailable("cuda")).isTrue();
  }
}
