/** Bytes of files, read at any place within a bounded amount of memory. */
@NullMarked
package dev.vitrine.weights.bytes;

import org.jspecify.annotations.NullMarked;
