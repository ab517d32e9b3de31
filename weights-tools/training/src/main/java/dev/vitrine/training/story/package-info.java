/** A little simulator of days in the small world, told as stories. */
@NullMarked
package dev.vitrine.training.story;

import org.jspecify.annotations.NullMarked;
