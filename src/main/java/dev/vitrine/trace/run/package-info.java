/** How a trace is computed: passes over rows. */
@NullMarked
package dev.vitrine.trace.run;

import org.jspecify.annotations.NullMarked;
