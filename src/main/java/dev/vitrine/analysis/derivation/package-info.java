/** Any element of a trace, computed again by hand from its parents, term by term. */
@NullMarked
package dev.vitrine.analysis.derivation;

import org.jspecify.annotations.NullMarked;
