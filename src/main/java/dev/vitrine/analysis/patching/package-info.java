/** Activation patching: sweeps over many edits of one run, and what each does to a metric. */
@NullMarked
package dev.vitrine.analysis.patching;

import org.jspecify.annotations.NullMarked;
