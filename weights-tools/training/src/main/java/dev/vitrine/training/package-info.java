/** Makes the corpus and the vocabulary that the built-in model is trained on. */
@NullMarked
package dev.vitrine.training;

import org.jspecify.annotations.NullMarked;
