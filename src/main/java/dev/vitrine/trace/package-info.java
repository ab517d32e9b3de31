/** Sites, and the traces that hold them. */
@NullMarked
package dev.vitrine.trace;

import org.jspecify.annotations.NullMarked;
