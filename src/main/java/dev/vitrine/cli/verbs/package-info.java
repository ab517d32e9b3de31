/** The verbs of the command line, each a thin face of the API. */
@NullMarked
package dev.vitrine.cli.verbs;

import org.jspecify.annotations.NullMarked;
