/**
 * Talking to a server that may be slow, broken or hostile: every wait and every length is bounded.
 */
@NullMarked
package dev.vitrine.weights.hub.wire;

import org.jspecify.annotations.NullMarked;
