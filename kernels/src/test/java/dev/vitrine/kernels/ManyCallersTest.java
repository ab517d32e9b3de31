package dev.vitrine.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many threads and several backends may compute at once; they share the workers. */
final class ManyCallersTest {

  @Test
  void callersAtOnceGetWhatOneCallerGets() throws ExecutionException, InterruptedException {
    try (Backend simd = Backends.open("simd", 2);
        Backend scalar = Backends.open("scalar", 3);
        ExecutorService callers = Executors.newFixedThreadPool(6)) {
      long expected = Fingerprint.of(simd);
      List<Callable<Long>> calls = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        Backend backend = i % 3 == 0 ? scalar : simd;
        calls.add(() -> Fingerprint.of(backend));
      }
      for (Future<Long> call : callers.invokeAll(calls)) {
        assertThat(call.get()).isEqualTo(expected);
      }
    }
  }

  @Test
  void aFailureReachesTheCallerAndTheWorkersLiveOn() {
    try (Backend reference = Backends.open("reference", 1);
        Backend simd = Backends.open("simd", 2)) {
      Array foreign = reference.rows(500, 500);
      Array own = simd.rows(500, 500);
      assertThatThrownBy(() -> simd.add(foreign, foreign, foreign))
          .isInstanceOf(RuntimeException.class);
      simd.add(own, own, own);
    }
  }
}
