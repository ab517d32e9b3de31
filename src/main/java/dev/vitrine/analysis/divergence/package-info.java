/** Where two computations of one run part, whether that is noise or a fault, and why. */
@NullMarked
package dev.vitrine.analysis.divergence;

import org.jspecify.annotations.NullMarked;
