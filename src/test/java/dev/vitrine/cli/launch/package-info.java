/** The script that users start. */
@NullMarked
package dev.vitrine.cli.launch;

import org.jspecify.annotations.NullMarked;
