/** What this room promises. */
@NullMarked
package dev.vitrine.analysis.circuits;

import org.jspecify.annotations.NullMarked;
