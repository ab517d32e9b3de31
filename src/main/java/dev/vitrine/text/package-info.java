/** The tokenizer, and tokens that keep their strings. */
@NullMarked
package dev.vitrine.text;

import org.jspecify.annotations.NullMarked;
