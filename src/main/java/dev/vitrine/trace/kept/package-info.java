/** What is kept of a run: rows that traces share, and the arrays behind the sites looked at. */
@NullMarked
package dev.vitrine.trace.kept;

import org.jspecify.annotations.NullMarked;
