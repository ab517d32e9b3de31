package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.BackendUnavailableException;
import dev.vitrine.kernels.DeviceException;
import dev.vitrine.kernels.cuda.device.DeviceMemory;
import dev.vitrine.kernels.f32.F32Backend;
import dev.vitrine.kernels.scalar.ScalarKernels;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Opens a CUDA backend that has just shown that it keeps the contract: a few numbers go through
 * every kernel, there and on the processor, and must come out with the same bits. The promise holds
 * on any device, so a device, or a driver's compiler, that breaks it is refused.
 */
public final class ProvenCuda {
  private ProvenCuda() {}

  /**
   * Opens the first device.
   *
   * @throws BackendUnavailableException if it does not open, or computes other bits
   */
  public static CudaBackend open() {
    return open("cuda", budget -> new CudaBackend(budget, true), null);
  }

  /**
   * Opens the first device for products on its tensor cores: their results must be close to those
   * of the rounded operands, all else has the contract's bits.
   *
   * @throws BackendUnavailableException if it does not open, or is further off
   */
  public static CudaBackend open(Operands operands) {
    return open(operands.backend(), budget -> new CudaBackend(budget, true, operands), operands);
  }

  private static CudaBackend open(
      String name, LongFunction<CudaBackend> opener, @Nullable Operands operands) {
    CudaBackend cuda;
    try {
      cuda = opener.apply(Math.multiplyExact(Long.getLong(DeviceMemory.BUDGET, 0), 1L << 20));
    } catch (DeviceException e) {
      throw unavailable(name, e.reason());
    }
    try {
      String different =
          Trial.firstDifference(cuda, new F32Backend("scalar", new ScalarKernels(), 1), operands);
      if (different != null) {
        throw unavailable(
            name,
            "%s does not compute what it should (%s)".formatted(cuda.description(), different));
      }
      return cuda;
    } catch (RuntimeException e) {
      cuda.close();
      throw e instanceof DeviceException failed ? unavailable(name, failed.reason()) : e;
    }
  }

  private static BackendUnavailableException unavailable(String name, String reason) {
    return new BackendUnavailableException(name, reason, "use another backend");
  }
}
