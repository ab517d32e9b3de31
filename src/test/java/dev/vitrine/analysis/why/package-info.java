/** Sums that add up, and effects that were measured. */
@NullMarked
package dev.vitrine.analysis.why;

import org.jspecify.annotations.NullMarked;
