/** Files of torch.save, read by a pickle reader that builds tensors and nothing else. */
@NullMarked
package dev.vitrine.weights.torch;

import org.jspecify.annotations.NullMarked;
