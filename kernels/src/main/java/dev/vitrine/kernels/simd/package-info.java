/** The innermost loops on the Vector API, at whatever width the machine prefers. */
@NullMarked
package dev.vitrine.kernels.simd;

import org.jspecify.annotations.NullMarked;
