/** Whether the numbers of a trace add up as they should. */
@NullMarked
package dev.vitrine.analysis.audit;

import org.jspecify.annotations.NullMarked;
