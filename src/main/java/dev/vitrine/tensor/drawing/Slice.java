package dev.vitrine.tensor.drawing;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import java.util.List;
import java.util.StringJoiner;

/**
 * What is left of a tensor at one index of each of its outer axes.
 *
 * @param name the indices, such as {@code layer 2, head 5}
 * @param matrix what is left
 */
public record Slice(String name, Tensor matrix) {

  /** The slice at a place in the row-major order of the outer axes. */
  public static Slice of(Tensor tensor, List<Dimension> outer, int place, boolean ascii) {
    StringJoiner name = new StringJoiner(", ");
    Tensor matrix = tensor;
    int block = outer.stream().mapToInt(Dimension::size).reduce(1, Math::multiplyExact);
    int rest = place;
    for (Dimension dimension : outer) {
      block /= dimension.size();
      int index = rest / block;
      rest %= block;
      String label = Label.visible(dimension.label(index), ascii);
      name.add(dimension.axis() + " " + (dimension.isLabelled() ? index + " " + label : label));
      matrix = matrix.at(dimension.axis(), index);
    }
    return new Slice(name.toString(), matrix);
  }

  /** A tensor without its axes of size 1. */
  public static Tensor withoutSingles(Tensor tensor) {
    Tensor seen = tensor;
    for (Dimension dimension : tensor.dimensions()) {
      if (dimension.size() == 1) {
        seen = seen.at(dimension.axis(), 0);
      }
    }
    return seen;
  }
}
