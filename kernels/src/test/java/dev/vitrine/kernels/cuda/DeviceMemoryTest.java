package dev.vitrine.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.DeviceException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The device's memory has a budget; when it is spent an error says so, and all goes on. */
@Tag("software-cuda")
final class DeviceMemoryTest {
  private static final long MIB = 1 << 20;
  private static final int COLUMNS = 1 << 18; // a MiB of floats

  @BeforeAll
  static void require() {
    SoftwareCuda.require();
  }

  @Test
  void aSpentBudgetIsAnErrorThatLeavesTheBackendUsable() {
    try (CudaBackend cuda = new CudaBackend(8 * MIB, true);
        Backend scalar = Backends.open("scalar", 1)) {
      assertThat(cuda.budget()).isEqualTo(8 * MIB);
      List<Array> held = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        held.add(cuda.rows(1, COLUMNS));
      }
      assertThatThrownBy(() -> cuda.rows(3, COLUMNS))
          .isInstanceOf(DeviceException.class)
          .hasMessage(
              "out of CUDA memory, 3 MiB more were needed and of a budget of 8 MiB 8 are taken: use"
                  + " fewer or shorter prompts, let go of traces, or raise the budget with"
                  + " -Dvitrine.cuda.budget=MIB");
      cuda.write(held.get(7), 0, 5, 1, new float[] {3}, 0);
      cuda.add(held.get(7), held.get(7), held.get(0));
      float[] sum = new float[1];
      cuda.read(held.get(0), 0, 5, 1, sum, 0);
      assertThat(sum).containsExactly(6);
      held.clear();
      assertThat(Trial.firstDifference(cuda, scalar, null)).isNull();
    }
  }

  @Test
  void arraysThatNobodyHoldsGoBackByThemselves() {
    try (CudaBackend cuda = new CudaBackend(4 * MIB, true)) {
      for (int i = 0; i < 40; i++) {
        assertThat(cuda.rows(1, COLUMNS).columns()).isEqualTo(COLUMNS);
      }
    }
  }

  @Test
  void memoryThatIsUsedAgainIsZero() {
    try (CudaBackend cuda = new CudaBackend(3 * MIB, true)) {
      float[] ones = new float[100];
      java.util.Arrays.fill(ones, 1);
      for (int i = 0; i < 20; i++) {
        Array array = cuda.rows(1, COLUMNS);
        float[] start = new float[100];
        cuda.read(array, 0, COLUMNS - 100, 100, start, 0);
        assertThat(start).containsOnly(0);
        cuda.write(array, 0, COLUMNS - 100, 100, ones, 0);
      }
    }
  }

  @Test
  void aDeviceThatOthersHaveFilledIsAnErrorToo() {
    SoftwareCuda.setMemory(6 * MIB);
    try (CudaBackend cuda = new CudaBackend(100 * MIB, true)) {
      Array held = cuda.rows(4, COLUMNS);
      assertThatThrownBy(() -> cuda.rows(4, COLUMNS))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("of a budget of 100 MiB 4 are taken; the device has no more");
      assertThatCode(() -> cuda.rows(1, COLUMNS)).doesNotThrowAnyException();
      assertThat(held.rows()).isEqualTo(4);
    } finally {
      SoftwareCuda.setMemory(4096 * MIB);
    }
  }

  @Test
  void withoutABudgetNineTenthsOfWhatIsFreeMayBeUsed() {
    try (CudaBackend cuda = new CudaBackend(0, true)) {
      assertThat(cuda.budget()).isBetween(3000 * MIB, 4096 * MIB / 10 * 9);
    }
  }

  @Test
  void whatWasClosedSaysSo() {
    CudaBackend cuda = new CudaBackend(0, true);
    Array array = cuda.rows(1, 1);
    cuda.close();
    cuda.close();
    assertThatThrownBy(() -> cuda.add(array, array, array))
        .isInstanceOf(DeviceException.class)
        .hasMessage("the backend is closed: load the model again");
  }

  @Test
  void closingGivesAllMemoryBack() {
    SoftwareCuda.setMemory(20 * MIB);
    try {
      for (int i = 0; i < 5; i++) {
        try (CudaBackend cuda = new CudaBackend(0, true)) {
          // would not fit twice
          assertThat(cuda.rows(12, COLUMNS).rows()).isEqualTo(12);
        }
      }
    } finally {
      SoftwareCuda.setMemory(4096 * MIB);
    }
  }
}
