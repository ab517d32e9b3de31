package dev.vitrine.kernels.cuda.device;

import jcuda.driver.CUdeviceptr;

/** A device address that can be read as a number, which JCuda keeps to its subclasses. */
final class DevicePointer extends CUdeviceptr {

  long address() {
    return getNativePointer();
  }
}
