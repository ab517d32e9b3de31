/** Tests of derivations. */
@NullMarked
package dev.vitrine.analysis.derivation;

import org.jspecify.annotations.NullMarked;
