/** Edits on the command line: how they are written, and what came of them. */
@NullMarked
package dev.vitrine.cli.edit;

import org.jspecify.annotations.NullMarked;
