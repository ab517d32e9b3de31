package dev.vitrine.analysis.audit;

import dev.vitrine.tensor.Tensor;

/**
 * Two sides that should be one.
 *
 * @param formula both sides, as people write them
 * @param exact whether they must have the same bits
 * @param sum what it should be
 * @param value what it is, of the same axes
 */
record Identity(String formula, boolean exact, Tensor sum, Tensor value) {

  static Identity exact(String formula, Tensor sum, Tensor value) {
    return new Identity(formula, true, sum, value);
  }

  static Identity within(String formula, Tensor sum, Tensor value) {
    return new Identity(formula, false, sum, value);
  }
}
