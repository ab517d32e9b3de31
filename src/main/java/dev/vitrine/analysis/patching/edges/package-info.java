/** The edges of the computational graph, each patched exactly, and circuits drawn from them. */
@NullMarked
package dev.vitrine.analysis.patching.edges;

import org.jspecify.annotations.NullMarked;
