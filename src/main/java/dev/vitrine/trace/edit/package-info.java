/** Reaching in: targets, what is done to them, and what came of it. */
@NullMarked
package dev.vitrine.trace.edit;

import org.jspecify.annotations.NullMarked;
