/** The verbs that explain numbers. */
@NullMarked
package dev.vitrine.cli.explain;

import org.jspecify.annotations.NullMarked;
