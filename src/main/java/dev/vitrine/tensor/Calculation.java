package dev.vitrine.tensor;

import dev.vitrine.tensor.strided.Arithmetic;
import dev.vitrine.tensor.strided.Contraction;
import dev.vitrine.tensor.strided.Reduction;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/** Calculates new tensors from others, and notes in their origins what was done. */
final class Calculation {
  private Calculation() {}

  static Tensor map(Tensor a, String operation, DoubleUnaryOperator f) {
    return a.derived(Arithmetic.map(a.strided(), f), () -> operation);
  }

  static Tensor combine(Tensor a, Tensor b, String operation, DoubleBinaryOperator f) {
    Origin left = a.origin().orElse(null);
    Origin right = b.origin().orElse(null);
    return new Tensor(
        Arithmetic.combine(a.strided(), b.strided(), f),
        Derived.from(left, right, operation, ""),
        View.common(a, b).orElse(null));
  }

  static Tensor dot(Tensor a, Tensor b, Axis... over) {
    Origin left = a.origin().orElse(null);
    Origin right = b.origin().orElse(null);
    return new Tensor(
        Contraction.dot(a.strided(), b.strided(), over),
        Derived.from(left, right, "dot", Tensor.list(over)),
        View.common(a, b).orElse(null));
  }

  static Tensor reduce(Tensor a, String operation, ToDoubleFunction<double[]> f, Axis... over) {
    return a.derived(
        Reduction.reduce(a.strided(), a.isDouble(), f, over),
        () -> operation + "(" + Tensor.list(over) + ")");
  }

  /** Indices are doubles whatever the elements: a float does not hold every one. */
  static Tensor argmax(Tensor a, Axis axis) {
    return a.derived(
        Reduction.reduce(a.strided(), true, Reduction::argmax, axis), () -> "argmax(" + axis + ")");
  }

  static Tensor along(Tensor a, String operation, Consumer<double[]> f, Axis axis) {
    return a.derived(Reduction.along(a.strided(), axis, f), () -> operation + "(" + axis + ")");
  }
}
