/** The names and layouts under which checkpoints keep the weights of a GPT-2. */
@NullMarked
package dev.vitrine.weights.naming;

import org.jspecify.annotations.NullMarked;
