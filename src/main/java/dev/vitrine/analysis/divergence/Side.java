package dev.vitrine.analysis.divergence;

import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;

/** One of two computations that are compared: tensors of one sequence, by site. */
public interface Side {

  /** What it is called, such as {@code simd}, or a file's name. */
  String name();

  /** Whether it has the tensor of a site. */
  boolean has(Site site);

  /**
   * The tensor of a site that it has, with the site's axes.
   *
   * @throws IllegalArgumentException if it has none, or one of another shape
   */
  Tensor tensor(Site site);

  /** What one operation rounds, relative to its result: {@code 2^-24} in single precision. */
  double unit();

  /** Whether it may have computed with weights that were processed in another way. */
  default boolean hasWeightsOfItsOwn() {
    return false;
  }

  /** A trace of this model. */
  static Side of(Trace trace) {
    return new Side() {
      @Override
      public String name() {
        return trace.model().backend().name();
      }

      @Override
      public boolean has(Site site) {
        return site.hook().absence(trace.model().config()).isEmpty();
      }

      @Override
      public Tensor tensor(Site site) {
        return trace.tensor(site);
      }

      @Override
      public double unit() {
        return trace.model().backend().isDouble() ? 0x1p-53 : 0x1p-24;
      }
    };
  }
}
