/** What the views of the weights promise. */
@NullMarked
package dev.vitrine.analysis.views;

import org.jspecify.annotations.NullMarked;
