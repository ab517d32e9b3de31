/** Tensors drawn as SVG and HTML. */
@NullMarked
package dev.vitrine.tensor.drawing.picture;

import org.jspecify.annotations.NullMarked;
