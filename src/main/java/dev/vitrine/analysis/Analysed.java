package dev.vitrine.analysis;

import dev.vitrine.tensor.Origin;
import dev.vitrine.tensor.Tensor;
import java.util.List;

/**
 * What a tensor says of the analysis that it was made by.
 *
 * @param name what it is called in the literature
 * @param formula how it is computed
 * @param conventions what one should know to compare it
 */
record Analysed(String name, String formula, List<String> conventions) implements Origin {

  Analysed(String name, String formula, String... conventions) {
    this(name, formula, List.of(conventions));
  }

  /** What a tensor is called, or its shape where it has no name. */
  static String name(Tensor tensor) {
    return tensor.origin().map(Origin::name).orElseGet(tensor::shapeText);
  }
}
