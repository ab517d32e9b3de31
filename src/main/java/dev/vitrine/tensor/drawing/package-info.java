/** How tensors draw themselves: text for terminals, SVG and HTML for all else. */
@NullMarked
package dev.vitrine.tensor.drawing;

import org.jspecify.annotations.NullMarked;
