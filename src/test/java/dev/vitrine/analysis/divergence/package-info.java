/** Tests of divergence. */
@NullMarked
package dev.vitrine.analysis.divergence;

import org.jspecify.annotations.NullMarked;
