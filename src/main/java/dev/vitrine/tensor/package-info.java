/** Named axes, arithmetic that aligns by name, and tensors that draw themselves. */
@NullMarked
package dev.vitrine.tensor;

import org.jspecify.annotations.NullMarked;
