/**
 * The f32 contract of {@code kernels/CONTRACT.md} on an NVIDIA GPU: the driver API through JCuda,
 * and PTX that lies beside its CUDA C among this package's resources.
 *
 * <p>Products may go to its tensor cores instead, which have bits of their own: {@link
 * dev.vitrine.kernels.cuda.Operands}.
 *
 * <p>JCuda is an optional dependency. {@link dev.vitrine.kernels.cuda.device.CudaDriver} finds out
 * whether all is there without touching it; nothing else here may be used before.
 */
@NullMarked
package dev.vitrine.kernels.cuda;

import org.jspecify.annotations.NullMarked;
