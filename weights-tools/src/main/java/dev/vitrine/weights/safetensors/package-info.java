/** The safetensors format: a JSON header, then the bytes of each tensor. */
@NullMarked
package dev.vitrine.weights.safetensors;

import org.jspecify.annotations.NullMarked;
