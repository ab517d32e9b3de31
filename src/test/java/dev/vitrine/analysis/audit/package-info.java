/** Tests of the audit. */
@NullMarked
package dev.vitrine.analysis.audit;

import org.jspecify.annotations.NullMarked;
