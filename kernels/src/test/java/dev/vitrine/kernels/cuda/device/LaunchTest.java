package dev.vitrine.kernels.cuda.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.Test;

/** A launch is compared with the PTX before the driver, which compares nothing, sees it. */
final class LaunchTest {
  private static final String PTX =
      """
      .visible .entry one(
      \t.param .u64 one_param_0,
      \t.param .u32 one_param_1,
      \t.param .f32 one_param_2
      )
      { ret; }
      .visible .entry two(
      \t.param .align 8 .b8 two_param_0[88]
      )
      .maxntid 128, 1, 1
      { ret; }
      .visible .entry three()
      { ret; }
      """;

  private final Launch launch = new Launch(new CUstream());

  private Launch one() {
    Kernel kernel =
        new Kernel(
            "one", new CUfunction(), Objects.requireNonNull(Ptx.of(PTX).kernels().get("one")));
    return launch.begin(kernel);
  }

  @Test
  void thePtxSaysWhatAKernelTakes() {
    assertThat(Ptx.of(PTX).kernels())
        .containsOnlyKeys("one", "two", "three")
        .containsEntry("one", List.of(8, 4, 4))
        .containsEntry("two", List.of(88))
        .containsEntry("three", List.of());
  }

  @Test
  void anArgumentOfAnotherSizeIsRefused() {
    assertThatThrownBy(() -> one().integer(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("argument 0 of kernel one has 4 bytes, its PTX declares [8, 4, 4]");
    assertThatThrownBy(() -> one().address(1).wide(2)).hasMessageContaining("argument 1");
  }

  @Test
  void anArgumentTooManyOrTooFewIsRefused() {
    assertThatThrownBy(() -> one().address(1).integer(2).real(3).integer(4))
        .hasMessageContaining("argument 3 of kernel one");
    assertThatThrownBy(() -> one().address(1).integer(2).start(1, 1, 1, 1))
        .hasMessage("kernel one got 2 arguments, its PTX declares [8, 4, 4]");
    assertThatThrownBy(() -> launch.start(1, 1, 1, 1)).hasMessage("no launch was begun");
  }

  @Test
  void anEmptyGridIsNoLaunch() {
    // were it one, the driver, which is not there, would be asked
    one().address(1).integer(2).real(3).start(0, 1, 1, 128);
  }
}
