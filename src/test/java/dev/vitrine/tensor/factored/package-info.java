/** What this room promises. */
@NullMarked
package dev.vitrine.tensor.factored;

import org.jspecify.annotations.NullMarked;
