/** Checkpoints cut into several files, with an index. */
@NullMarked
package dev.vitrine.weights.sharded;

import org.jspecify.annotations.NullMarked;
