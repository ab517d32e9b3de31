/** That the views of a model's weights compute the same, checked. */
@NullMarked
package dev.vitrine.analysis.views;

import org.jspecify.annotations.NullMarked;
