/** The documentation, run. */
@NullMarked
package dev.vitrine.docs;

import org.jspecify.annotations.NullMarked;
