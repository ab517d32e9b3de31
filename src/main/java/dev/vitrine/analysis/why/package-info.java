/** Why a logit is what it is: down to components, heads, source tokens and neurons. */
@NullMarked
package dev.vitrine.analysis.why;

import org.jspecify.annotations.NullMarked;
