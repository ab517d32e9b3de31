package dev.vitrine.kernels.cuda.device;

import dev.vitrine.kernels.DeviceException;
import jcuda.driver.CUresult;

/** What the driver answers. */
final class Status {
  private Status() {}

  /** Throws unless {@code result} is success; {@code what} says what was tried. */
  static void check(int result, String what) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw new DeviceException(
          "the CUDA device failed to %s (%s)".formatted(what, CUresult.stringFor(result)),
          "load the model again, or use another backend");
    }
  }
}
