/**
 * What every f32 backend shares: arrays, packed weights, worker threads and the order of operations
 * that {@code kernels/CONTRACT.md} fixes. The innermost loops are a {@link
 * dev.vitrine.kernels.f32.Kernels}.
 */
@NullMarked
package dev.vitrine.kernels.f32;

import org.jspecify.annotations.NullMarked;
