/** NumPy's archives: a zip of arrays. */
@NullMarked
package dev.vitrine.weights.npz;

import org.jspecify.annotations.NullMarked;
