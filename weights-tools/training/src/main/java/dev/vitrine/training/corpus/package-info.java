/** From passages of text to rows of token ids, with a mixture and a seed. */
@NullMarked
package dev.vitrine.training.corpus;

import org.jspecify.annotations.NullMarked;
