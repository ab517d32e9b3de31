/** Byte-level byte-pair encoding: learnt, applied and written in the Hugging Face form. */
@NullMarked
package dev.vitrine.training.bpe;

import org.jspecify.annotations.NullMarked;
