package dev.vitrine.tensor;

import java.util.List;
import java.util.Optional;

/**
 * Where a tensor comes from: what {@link Tensor#describe()} says of it. The table of sites
 * implements it; the tensors made from others get theirs from the operation.
 */
public interface Origin {
  /** The name, such as {@code blocks.3.attn.hook_pattern}. */
  String name();

  /** How its elements are computed, such as {@code softmax(attn_scores) over key}. */
  default String formula() {
    return "";
  }

  /** The names of the tensors that it is computed from. */
  default List<String> parents() {
    return List.of();
  }

  /** The names of the weights that it is computed from. */
  default List<String> weights() {
    return List.of();
  }

  /** What one must know to read it right, such as {@code bias included}; a sentence each. */
  default List<String> conventions() {
    return List.of();
  }

  /** The line of source that computes it, such as {@code Block.java:57}. */
  default Optional<String> source() {
    return Optional.empty();
  }

  /** The weights that it was computed with; unknown where it is no matter. */
  default Optional<View> view() {
    return Optional.empty();
  }

  /** Where a chain of operations began; this, if it is no chain. */
  default Origin root() {
    return this;
  }

  /** The operations since {@link #root()}, such as {@code at(head, 1).times(2.0)}; may be empty. */
  default String operations() {
    return "";
  }
}
