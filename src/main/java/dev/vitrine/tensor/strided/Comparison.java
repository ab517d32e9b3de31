package dev.vitrine.tensor.strided;

import dev.vitrine.tensor.Dimension;

/** Two tensors of one shape, element against element, with axes found by name. */
public final class Comparison {
  private Comparison() {}

  /** What is done with a pair of elements; the visit ends when it says so. */
  public interface Pair {
    /**
     * Takes a pair.
     *
     * @param index its place in the row-major order of the left tensor
     * @return whether to go on
     */
    boolean visit(int index, double left, double right);
  }

  /** Whether both have the same axes with the same sizes, in any order. */
  public static boolean sameShape(Layout a, Layout b) {
    boolean same = a.rank() == b.rank();
    for (Dimension dimension : a.dimensions()) {
      int place = b.find(dimension.axis());
      same &= place >= 0 && b.dimensions().get(place).size() == dimension.size();
    }
    return same;
  }

  /**
   * Visits all pairs in the order of the left tensor.
   *
   * @throws IllegalArgumentException if the shapes differ
   */
  public static void pairs(Strided a, Strided b, Pair pair) {
    if (!sameShape(a.layout(), b.layout())) {
      throw new IllegalArgumentException(
          a.layout() + " and " + b.layout() + " cannot be compared: their shapes differ");
    }
    int[][] strides = {a.layout().strides(), Arithmetic.stridesFor(a.dimensions(), b.layout())};
    int[] count = {0};
    boolean[] goOn = {true};
    Walk.elements(
        a.layout().sizes(),
        strides,
        new int[] {a.layout().offset(), b.layout().offset()},
        at -> {
          if (goOn[0]) {
            goOn[0] = pair.visit(count[0]++, a.elements().get(at[0]), b.elements().get(at[1]));
          }
        });
  }
}
