/** Zip archives, read from any storage and never trusted. */
@NullMarked
package dev.vitrine.weights.zip;

import org.jspecify.annotations.NullMarked;
