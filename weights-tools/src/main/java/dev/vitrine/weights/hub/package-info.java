/**
 * A model by its name: fetched from the Hugging Face hub, or from a mirror of it, into the standard
 * cache.
 *
 * <p>The hub is a stranger like any other: its lengths, names and hashes are checked, nothing is
 * allocated for what it claims, and a file takes its place in the cache only once it is whole.
 */
@NullMarked
package dev.vitrine.weights.hub;

import org.jspecify.annotations.NullMarked;
