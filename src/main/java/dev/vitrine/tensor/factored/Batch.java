package dev.vitrine.tensor.factored;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Collects what was computed for each index of the batch axes, in row-major order. */
final class Batch {
  private final List<Dimension> dimensions;
  private final double[] elements;
  private int filled;

  Batch(List<Dimension> batch, List<Dimension> each) {
    this.dimensions = new ArrayList<>(batch);
    dimensions.addAll(each);
    this.elements =
        new double[dimensions.stream().mapToInt(Dimension::size).reduce(1, Math::multiplyExact)];
  }

  void add(double[] values) {
    System.arraycopy(values, 0, elements, filled, values.length);
    filled += values.length;
  }

  Tensor tensor() {
    return Tensor.of(elements, dimensions.toArray(Dimension[]::new));
  }

  /** Hands over both tensors at each index of the batch axes. */
  static void eachOf(Tensor a, Tensor b, List<Dimension> batch, BiConsumer<Tensor, Tensor> action) {
    if (batch.isEmpty()) {
      action.accept(a, b);
      return;
    }
    Dimension first = batch.getFirst();
    for (int i = 0; i < first.size(); i++) {
      Tensor left = a.has(first.axis()) ? a.at(first.axis(), i) : a;
      Tensor right = b.has(first.axis()) ? b.at(first.axis(), i) : b;
      eachOf(left, right, batch.subList(1, batch.size()), action);
    }
  }
}
