/** The verbs on files of weights: what they are, whether they are sound, fetched and converted. */
@NullMarked
package dev.vitrine.cli.weights;

import org.jspecify.annotations.NullMarked;
