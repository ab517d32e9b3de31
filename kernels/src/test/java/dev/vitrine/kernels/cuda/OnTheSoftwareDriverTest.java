package dev.vitrine.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.SameBits;
import dev.vitrine.kernels.cuda.device.Staging;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The CUDA backend on the software driver, where a stray read or write is an error. */
@Tag("software-cuda")
final class OnTheSoftwareDriverTest {

  @BeforeAll
  static void require() {
    SoftwareCuda.require();
  }

  @AfterEach
  void forwards() {
    SoftwareCuda.runBackwards(false);
  }

  @ParameterizedTest(name = "warps run backwards: {0}")
  @ValueSource(booleans = {false, true})
  void givesTheBitsOfPlainJavaWithEveryArrayBetweenGuardPages(boolean backwards) {
    SoftwareCuda.runBackwards(backwards);
    try (Backend cuda = new CudaBackend(0, false);
        Backend scalar = Backends.open("scalar", 1)) {
      SameBits.assertSame(scalar, cuda, backwards ? 51 : 50);
    }
  }

  @Test
  void isOpenedByNameOnceItHasPassedItsTrial() {
    try (Backend cuda = Backends.open("cuda", 0)) {
      assertThat(cuda.name()).isEqualTo("cuda");
      assertThat(cuda.description())
          .isEqualTo("Software CUDA device (CPU, tests only), compute capability 8.0, CUDA 12.6");
      assertThat(cuda.isDouble()).isFalse();
    }
  }

  @Test
  void manyThreadsComputeAtOnce() throws ExecutionException, InterruptedException {
    try (Backend cuda = new CudaBackend(0, true);
        Backend scalar = Backends.open("scalar", 1);
        ExecutorService callers = Executors.newFixedThreadPool(4)) {
      List<Callable<String>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> String.valueOf(Trial.firstDifference(cuda, scalar, null)));
      }
      for (Future<String> call : callers.invokeAll(calls)) {
        assertThat(call.get()).isEqualTo("null");
      }
    }
  }

  @Test
  void twoBackendsDoNotTakeEachOthersArrays() {
    try (Backend one = new CudaBackend(0, true);
        Backend two = new CudaBackend(0, true)) {
      Array own = one.rows(2, 3);
      assertThatThrownBy(() -> two.add(own, own, own))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("an array of another backend");
      Array keys = one.keys(2, 1, 3);
      assertThatThrownBy(() -> one.add(own, keys, own)).hasMessage("keys, where rows are expected");
    }
  }

  @Test
  void keysAreReadAndWrittenLikeRows() {
    try (Backend cuda = new CudaBackend(0, false)) {
      Array keys = cuda.keys(5, 2, 3);
      cuda.write(keys, 2, 1, 4, new float[] {9, 1, 2, 3, 4}, 1);
      float[] back = new float[8];
      cuda.read(keys.rows(1, 4), 1, 0, 6, back, 1);
      assertThat(back).containsExactly(0, 0, 1, 2, 3, 4, 0, 0);
      double[] wide = new double[2];
      cuda.read(keys, 2, 2, 2, wide, 0);
      assertThat(wide).containsExactly(2, 3);
    }
  }

  /** More rows of text than the staging memory holds at once go through it. */
  @Test
  void aMatrixLargerThanTheStagingMemoryArrivesWhole() {
    int in = 3;
    int out = Staging.HALF / Float.BYTES + 11;
    try (Backend cuda = new CudaBackend(0, false)) {
      Matrix matrix = cuda.pack(new Counting(in, out), 128);
      Matrix transposed = cuda.packTransposed(new Counting(out, in), 128);
      int[] columns = {0, 1, 12345, out - 1};
      assertThat(gathered(cuda, matrix, columns))
          .containsExactly(
              0f,
              out,
              2f * out,
              1f,
              out + 1f,
              2f * out + 1,
              12345f,
              out + 12345f,
              2f * out + 12345,
              out - 1f,
              2f * out - 1,
              3f * out - 1);
      assertThat(gathered(cuda, transposed, columns))
          .containsExactly(
              0f,
              1f,
              2f,
              3f,
              4f,
              5f,
              37035f,
              37036f,
              37037f,
              3f * out - 3,
              3f * out - 2,
              3f * out - 1);
    }
  }

  private static float[] gathered(Backend backend, Matrix matrix, int... columns) {
    Array gathered = backend.rows(columns.length, matrix.in());
    backend.gather(matrix, columns, gathered);
    float[] numbers = new float[columns.length * matrix.in()];
    for (int r = 0; r < columns.length; r++) {
      backend.read(gathered, r, 0, matrix.in(), numbers, r * matrix.in());
    }
    return numbers;
  }

  private record Counting(int rows, int columns) implements dev.vitrine.kernels.Source {
    @Override
    public void read(int row, int from, int count, float[] into, int at) {
      for (int c = 0; c < count; c++) {
        into[at + c] = row * columns + from + c;
      }
    }
  }
}
