/**
 * A GPU as such: whether there is one, its memory, copies to and from it, its kernels and their
 * launches, through the driver API of JCuda.
 *
 * <p>JCuda is an optional dependency. {@link dev.vitrine.kernels.cuda.device.CudaDriver} finds out
 * whether all is there without touching it; nothing else here may be used before.
 */
@NullMarked
package dev.vitrine.kernels.cuda.device;

import org.jspecify.annotations.NullMarked;
