/** Activation and path patching on the command line. */
@NullMarked
package dev.vitrine.cli.patching;

import org.jspecify.annotations.NullMarked;
