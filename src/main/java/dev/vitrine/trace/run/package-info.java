/** How a trace is computed: passes over rows, and what is kept of them. */
@NullMarked
package dev.vitrine.trace.run;

import org.jspecify.annotations.NullMarked;
