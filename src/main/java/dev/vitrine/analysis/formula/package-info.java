/** The formulas of the sites, computed in double precision from whatever parents one has. */
@NullMarked
package dev.vitrine.analysis.formula;

import org.jspecify.annotations.NullMarked;
