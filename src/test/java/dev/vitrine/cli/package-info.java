/** The command line as its users meet it. */
@NullMarked
package dev.vitrine.cli;

import org.jspecify.annotations.NullMarked;
