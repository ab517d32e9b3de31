/** The weights and the forward pass of GPT-2. */
@NullMarked
package dev.vitrine.model;

import org.jspecify.annotations.NullMarked;
