/** How edits act on a run: what they are aimed at, what they write, and what came of it. */
@NullMarked
package dev.vitrine.trace.acting;

import org.jspecify.annotations.NullMarked;
