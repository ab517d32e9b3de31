/** From logits to the next token: warpers, samplers and the generation loop. */
@NullMarked
package dev.vitrine.generate;

import org.jspecify.annotations.NullMarked;
