/**
 * The innermost loops in plain Java, for a JVM without the Vector API; the same bits as {@code
 * simd}.
 */
@NullMarked
package dev.vitrine.kernels.scalar;

import org.jspecify.annotations.NullMarked;
