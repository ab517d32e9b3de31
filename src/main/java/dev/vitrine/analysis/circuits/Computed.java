package dev.vitrine.analysis.circuits;

import dev.vitrine.tensor.Origin;
import java.util.List;

/**
 * What a tensor of this package says of itself.
 *
 * @param name what the literature calls it
 * @param formula how it is computed
 * @param conventions what one should know to compare it with another tool's
 */
record Computed(String name, String formula, List<String> conventions) implements Origin {

  Computed(String name, String formula, String... conventions) {
    this(name, formula, List.of(conventions));
  }
}
