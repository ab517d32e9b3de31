package dev.vitrine.analysis.formula;

import dev.vitrine.tensor.Tensor;
import java.util.function.Supplier;

/**
 * What a site should be, given its parents, and how far rounding alone may lead from it.
 *
 * @param value in double precision
 * @param costs what {@link #cost} computes
 */
public record Computed(Tensor value, Supplier<Tensor> costs) {

  /**
   * For each element, of the same axes, what rounding may cost in units of the rounding of one
   * operation: an element computed with a rounding u from the same parents lies within {@code u ·
   * cost}. Computed when asked for: it takes as long as the value.
   */
  public Tensor cost() {
    return costs.get();
  }

  /** Another value that costs the same. */
  public Computed with(Tensor other) {
    return new Computed(other, costs);
  }
}
