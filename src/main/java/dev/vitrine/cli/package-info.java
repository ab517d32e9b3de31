/** The command line: a face over the API, with no logic of its own. */
@NullMarked
package dev.vitrine.cli;

import org.jspecify.annotations.NullMarked;
