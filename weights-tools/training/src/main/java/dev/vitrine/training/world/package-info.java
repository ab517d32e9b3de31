/** The small world: its people, places, things and facts. */
@NullMarked
package dev.vitrine.training.world;

import org.jspecify.annotations.NullMarked;
