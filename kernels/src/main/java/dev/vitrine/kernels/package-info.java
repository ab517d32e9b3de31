/**
 * The operations that a transformer needs, on arrays that a backend owns.
 *
 * <p>{@link dev.vitrine.kernels.Backend} states each operation's contract once; {@code reference}
 * is its definition in double precision, {@code simd}, {@code scalar} and {@code cuda} keep the f32
 * contract of {@code kernels/CONTRACT.md}, bit for bit.
 */
@NullMarked
package dev.vitrine.kernels;

import org.jspecify.annotations.NullMarked;
