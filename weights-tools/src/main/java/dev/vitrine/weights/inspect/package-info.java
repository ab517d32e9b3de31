/** What a checkpoint is, whether it is sound, and how it differs from another. */
@NullMarked
package dev.vitrine.weights.inspect;

import org.jspecify.annotations.NullMarked;
