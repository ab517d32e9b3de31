package dev.vitrine.kernels;

/**
 * The weights of a linear map {@code [in, out]}, packed by a {@link Backend} in the layout that its
 * products read.
 */
public interface Matrix {

  /** The length of an input row: the axis that a product sums over. */
  int in();

  /** The length of an output row. */
  int out();

  /** The length of the blocks that the input axis is cut into; see {@link Backend#product}. */
  int block();
}
