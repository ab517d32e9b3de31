/** What is kept of a run can be run again. */
@NullMarked
package dev.vitrine.analysis.experiment;

import org.jspecify.annotations.NullMarked;
