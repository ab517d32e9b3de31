/**
 * Products of matrices kept as products: circuits of heads, their singular values and eigenvalues.
 */
@NullMarked
package dev.vitrine.tensor.factored;

import org.jspecify.annotations.NullMarked;
