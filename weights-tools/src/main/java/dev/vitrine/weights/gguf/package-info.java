/** GGUF, the format of llama.cpp, and its quantised blocks. */
@NullMarked
package dev.vitrine.weights.gguf;

import org.jspecify.annotations.NullMarked;
