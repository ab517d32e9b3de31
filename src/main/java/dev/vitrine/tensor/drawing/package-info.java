/** How tensors are drawn: what text and pictures share. */
@NullMarked
package dev.vitrine.tensor.drawing;

import org.jspecify.annotations.NullMarked;
