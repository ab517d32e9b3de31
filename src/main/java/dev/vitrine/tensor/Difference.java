package dev.vitrine.tensor;

import dev.vitrine.tensor.strided.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * A place where two tensors have different values.
 *
 * @param axes the axes of the left tensor
 * @param indices the index on each of them
 * @param left the left tensor's value there
 * @param right the right tensor's value there
 */
public record Difference(List<Axis> axes, List<Integer> indices, double left, double right) {

  static boolean sameBits(Tensor a, Tensor b) {
    if (a.isDouble() != b.isDouble()
        || !Comparison.sameShape(a.strided().layout(), b.strided().layout())) {
      return false;
    }
    boolean[] same = {true};
    Comparison.pairs(
        a.strided(), b.strided(), (index, left, right) -> same[0] = bits(left) == bits(right));
    return same[0];
  }

  static double largest(Tensor a, Tensor b) {
    double[] largest = {0};
    Comparison.pairs(
        a.strided(),
        b.strided(),
        (index, left, right) -> {
          largest[0] = Math.max(largest[0], between(left, right));
          return true;
        });
    return largest[0];
  }

  static Optional<Difference> first(Tensor a, Tensor b) {
    List<Difference> found = new ArrayList<>();
    Comparison.pairs(
        a.strided(),
        b.strided(),
        (index, left, right) -> {
          if (bits(left) != bits(right)) {
            found.add(new Difference(a.axes(), coordinates(index, a.shape()), left, right));
          }
          return found.isEmpty();
        });
    return found.stream().findFirst();
  }

  private static double between(double left, double right) {
    boolean equal = left == right || (Double.isNaN(left) && Double.isNaN(right));
    return equal ? 0 : Math.abs(left - right);
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }

  /** The index on each axis of the element at a place in row-major order. */
  public static List<Integer> coordinates(int place, int[] sizes) {
    Integer[] indices = new Integer[sizes.length];
    int rest = place;
    for (int i = sizes.length - 1; i >= 0; i--) {
      indices[i] = rest % sizes[i];
      rest /= sizes[i];
    }
    return List.of(indices);
  }

  /** Such as {@code 0.25 against 0.5 at [head 3, query 1]}. */
  @Override
  public String toString() {
    StringJoiner where = new StringJoiner(", ", "[", "]");
    for (int i = 0; i < axes.size(); i++) {
      where.add(axes.get(i) + " " + indices.get(i));
    }
    return left + " against " + right + " at " + where;
  }
}
