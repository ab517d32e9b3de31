package dev.vitrine.tensor.strided;

/** Visits the elements of one or more layouts of one shape together, in row-major order. */
final class Walk {
  private Walk() {}

  /** One run along the last axis. */
  interface Row {
    /**
     * Visits {@code length} elements of each layout.
     *
     * @param at where the run begins in each layout's array
     */
    void visit(int[] at, int length);
  }

  /**
   * Calls {@code row} once for each run along the last axis.
   *
   * @param sizes the common shape; without axes there is one run of one element
   * @param strides for each layout, its step along each axis
   * @param offsets for each layout, its first element
   */
  static void rows(int[] sizes, int[][] strides, int[] offsets, Row row) {
    for (int size : sizes) {
      if (size == 0) {
        return;
      }
    }
    int outer = sizes.length - 1;
    int length = outer < 0 ? 1 : sizes[outer];
    int[] index = new int[Math.max(outer, 0)];
    int[] at = offsets.clone();
    while (true) {
      row.visit(at, length);
      int axis = outer - 1;
      while (axis >= 0 && index[axis] == sizes[axis] - 1) {
        step(at, strides, axis, -index[axis]);
        index[axis--] = 0;
      }
      if (axis < 0) {
        return;
      }
      index[axis]++;
      step(at, strides, axis, 1);
    }
  }

  /** Visits one element at a time. */
  interface Element {
    /**
     * Visits an element.
     *
     * @param at its place in each layout's array
     */
    void visit(int[] at);
  }

  /** Calls {@code element} once for each index. */
  static void elements(int[] sizes, int[][] strides, int[] offsets, Element element) {
    int last = sizes.length - 1;
    rows(
        sizes,
        strides,
        offsets,
        (at, length) -> {
          for (int i = 0; i < length; i++) {
            element.visit(at);
            if (last >= 0) {
              step(at, strides, last, 1);
            }
          }
          if (last >= 0) {
            step(at, strides, last, -length);
          }
        });
  }

  private static void step(int[] at, int[][] strides, int axis, int count) {
    for (int i = 0; i < at.length; i++) {
      at[i] += count * strides[i][axis];
    }
  }

  /** The step along the last axis, 0 where there is none. */
  static int innermost(int[] strides) {
    return strides.length == 0 ? 0 : strides[strides.length - 1];
  }
}
