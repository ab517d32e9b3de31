/** Every operation as its definition, in double precision: what the fast backends are judged by. */
@NullMarked
package dev.vitrine.kernels.reference;

import org.jspecify.annotations.NullMarked;
