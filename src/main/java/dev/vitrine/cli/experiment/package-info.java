/** Verbs that change a run, keep what was done, and do it again. */
@NullMarked
package dev.vitrine.cli.experiment;

import org.jspecify.annotations.NullMarked;
