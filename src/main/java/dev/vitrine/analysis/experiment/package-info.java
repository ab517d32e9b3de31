/** Edits and whole experiments as files. */
@NullMarked
package dev.vitrine.analysis.experiment;

import org.jspecify.annotations.NullMarked;
