/** Files in, named weights and a configuration out: readers of checkpoints, and their writers. */
@NullMarked
package dev.vitrine.weights;

import org.jspecify.annotations.NullMarked;
