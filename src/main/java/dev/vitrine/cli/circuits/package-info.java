/** The verbs that look for heads and circuits. */
@NullMarked
package dev.vitrine.cli.circuits;

import org.jspecify.annotations.NullMarked;
