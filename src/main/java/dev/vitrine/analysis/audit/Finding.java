package dev.vitrine.analysis.audit;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Difference;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import java.util.List;
import java.util.StringJoiner;

/**
 * How well one identity holds, and the element where it holds worst.
 *
 * @param site the site that it is about
 * @param identity the two sides, as a formula
 * @param exact whether both sides must have the same bits: they add the same numbers in one order
 * @param elements how many elements were compared
 * @param differing how many of them have other bits
 * @param axes the axes of the tensors
 * @param indices the worst element, an index for each axis; empty where there are no elements
 * @param sum what it should be there
 * @param value what it is there
 * @param largest the largest finite element of the tensor, by its magnitude
 * @param relative {@code |sum - value| / largest}; infinite if only one of them is a number
 */
public record Finding(
    Site site,
    String identity,
    boolean exact,
    long elements,
    long differing,
    List<Axis> axes,
    List<Integer> indices,
    double sum,
    double value,
    double largest,
    double relative) {

  /** Keeps the lists as they are. */
  public Finding {
    axes = List.copyOf(axes);
    indices = List.copyOf(indices);
  }

  /** Whether the identity holds: to the bit if it is exact, else within a relative error. */
  public boolean holds(double limit) {
    return exact ? differing == 0 : relative <= limit;
  }

  /** Where the worst element is, such as {@code [position 3, d_model 17]}. */
  public String place() {
    StringJoiner place = new StringJoiner(", ", "[", "]");
    for (int i = 0; i < indices.size(); i++) {
      place.add(axes.get(i) + " " + indices.get(i));
    }
    return place.toString();
  }

  /** Compares two tensors of the same axes. */
  static Finding between(Site site, String identity, boolean exact, Tensor sum, Tensor value) {
    double[] wanted = sum.permute(value.axes().toArray(Axis[]::new)).doubles();
    double[] found = value.doubles();
    double largest = 0;
    for (double element : found) {
      largest = Double.isFinite(element) ? Math.max(largest, Math.abs(element)) : largest;
    }
    int worst = 0;
    double most = -1;
    long differing = 0;
    for (int i = 0; i < found.length; i++) {
      if (Double.compare(wanted[i], found[i]) != 0) {
        differing++;
      }
      double relative = relative(wanted[i], found[i], largest);
      if (relative > most) {
        most = relative;
        worst = i;
      }
    }
    boolean none = found.length == 0;
    return new Finding(
        site,
        identity,
        exact,
        found.length,
        differing,
        value.axes(),
        none ? List.of() : Difference.coordinates(worst, value.shape()),
        none ? Double.NaN : wanted[worst],
        none ? Double.NaN : found[worst],
        largest,
        none ? 0 : most);
  }

  private static double relative(double a, double b, double largest) {
    if (a == b || (Double.isNaN(a) && Double.isNaN(b))) {
      return 0;
    }
    double relative = Math.abs(a - b) / largest;
    return Double.isNaN(relative) ? Double.POSITIVE_INFINITY : relative;
  }
}
