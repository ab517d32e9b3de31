/** Tensors drawn in text. */
@NullMarked
package dev.vitrine.tensor.drawing.terminal;

import org.jspecify.annotations.NullMarked;
