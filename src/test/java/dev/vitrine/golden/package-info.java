/**
 * The truth that the program is held to: tensors from PyTorch, transformers and TransformerLens.
 */
@NullMarked
package dev.vitrine.golden;

import org.jspecify.annotations.NullMarked;
