package dev.vitrine.trace.acting;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.edit.Target;

/** Reads what a function gave back for a region. */
final class Answer {
  private Answer() {}

  /**
   * The values position by position, then head by head.
   *
   * @param width how many elements of the innermost axis the region has
   * @throws IllegalArgumentException if the tensor does not fit the region
   */
  static double[] aligned(Tensor answer, Region region, int[] positions, int width, Target target) {
    Axis rowAxis = Region.rowAxis(region.site().hook());
    Axis innerAxis = region.axes().getLast();
    for (Axis axis : answer.axes()) {
      int has =
          axis == rowAxis
              ? positions.length
              : axis == Axis.HEAD ? region.heads().length : axis == innerAxis ? width : 0;
      if (answer.size(axis) != 1 && answer.size(axis) != has) {
        throw new IllegalArgumentException(
            "%s: the function gave back %s, which does not fit its target"
                .formatted(target, answer.shapeText()));
      }
    }
    double[] values = new double[positions.length * region.heads().length * width];
    int at = 0;
    for (int p = 0; p < positions.length; p++) {
      Tensor row = pick(answer, rowAxis, p);
      for (int h = 0; h < region.heads().length; h++) {
        double[] inner = pick(row, Axis.HEAD, h).doubles();
        for (int i = 0; i < width; i++) {
          values[at++] = inner[inner.length == 1 ? 0 : i];
        }
      }
    }
    return values;
  }

  private static Tensor pick(Tensor tensor, Axis axis, int index) {
    return tensor.has(axis) ? tensor.at(axis, tensor.size(axis) == 1 ? 0 : index) : tensor;
  }
}
