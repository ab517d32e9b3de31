/** The inside of a tensor: elements in an array, where they lie, and loops over them. */
@NullMarked
package dev.vitrine.tensor.strided;

import org.jspecify.annotations.NullMarked;
