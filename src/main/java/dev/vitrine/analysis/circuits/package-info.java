/** The circuits of heads: what they read and write, how they compose, and which kind each is of. */
@NullMarked
package dev.vitrine.analysis.circuits;

import org.jspecify.annotations.NullMarked;
