package dev.vitrine.tensor;

import dev.vitrine.tensor.drawing.Rendering;
import dev.vitrine.tensor.drawing.picture.Html;
import dev.vitrine.tensor.drawing.picture.Svg;
import dev.vitrine.tensor.drawing.terminal.Description;
import dev.vitrine.tensor.drawing.terminal.TextDrawing;
import dev.vitrine.tensor.strided.Elements;
import dev.vitrine.tensor.strided.Joining;
import dev.vitrine.tensor.strided.Layout;
import dev.vitrine.tensor.strided.Reduction;
import dev.vitrine.tensor.strided.Strided;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An immutable tensor with named axes, of floats or of doubles.
 *
 * <p><b>Axes.</b> They have an order, which the drawing and {@link #get} follow, but what a tensor
 * means does not depend on it: indices are taken by name, {@code pattern.at(HEAD, 9).at(QUERY,
 * -1)}, and arithmetic finds the axes of both operands by name. An axis that only one operand has
 * is repeated over the other; an axis that both have must have one size. {@link Axis#ONE} stands
 * for an axis left out, and gives way when the other operand has axes that this one lacks: {@code
 * [position, d_model] over [position, one]} is {@code [position, d_model]}. The result has the axes
 * of the operand that has them all, in its order; where neither has, the left one's and then the
 * others. Labels are the left one's if it has any.
 *
 * <p><b>Numbers.</b> Each operation computes in double and rounds once, to float if all its
 * operands are floats: so {@code + - * /} of floats are exactly those of IEEE 754, and a sum of
 * floats is the double sum, added in row-major order, rounded. A float and a double give a double.
 *
 * <p><b>Views.</b> A tensor of a model, and what is made from it, knows the {@link View} of the
 * weights that it belongs to. Arithmetic between two views is refused; comparing is not.
 *
 * <p><b>Storage.</b> Cutting, turning, renaming shares the elements and copies nothing. Two tensors
 * are compared by {@link #sameBits}; {@code equals} is identity.
 */
public final class Tensor {
  private final Strided strided;
  private final Layout layout;
  private final @Nullable Origin origin;
  private final @Nullable View view;

  Tensor(Strided strided, @Nullable Origin origin, @Nullable View view) {
    this.strided = strided;
    this.layout = strided.layout();
    this.origin = origin;
    this.view = view;
  }

  /**
   * A tensor over an array in row-major order, the last axis running fastest. The array is not
   * copied: it belongs to the tensor from now on, and must not be changed.
   *
   * @throws IllegalArgumentException if the array has not one element for each index
   */
  public static Tensor of(float[] data, Dimension... dimensions) {
    return new Tensor(Strided.rowMajor(new Elements.Floats(data), List.of(dimensions)), null, null);
  }

  /** As {@link #of(float[], Dimension...)}, in double precision. */
  public static Tensor of(double[] data, Dimension... dimensions) {
    return new Tensor(
        Strided.rowMajor(new Elements.Doubles(data), List.of(dimensions)), null, null);
  }

  /**
   * A tensor over a part of an array: its first element is at {@code offset}, and one step along
   * axis i is {@code strides[i]} elements. The array is not copied, and must not be changed.
   *
   * @throws IllegalArgumentException if an element would lie outside the array
   */
  public static Tensor strided(float[] data, int offset, int[] strides, Dimension... dimensions) {
    Elements elements = new Elements.Floats(data);
    return new Tensor(Strided.part(elements, offset, strides, List.of(dimensions)), null, null);
  }

  /** As {@link #strided(float[], int, int[], Dimension...)}, in double precision. */
  public static Tensor strided(double[] data, int offset, int[] strides, Dimension... dimensions) {
    Elements elements = new Elements.Doubles(data);
    return new Tensor(Strided.part(elements, offset, strides, List.of(dimensions)), null, null);
  }

  /**
   * Tensors of the same axes side by side along a new axis, which comes first.
   *
   * @throws IllegalArgumentException if there is none, their shapes differ, they have the axis
   *     already, or its size is not their number
   */
  public static Tensor stack(List<Tensor> parts, Dimension dimension) {
    List<Strided> all = parts.stream().map(Tensor::strided).toList();
    return new Tensor(Joining.stack(all, dimension), null, common(parts));
  }

  /**
   * Tensors one after another along an axis that all of them have; its labels are theirs.
   *
   * @throws IllegalArgumentException if there is none, or their shapes differ along another axis
   */
  public static Tensor concat(List<Tensor> parts, Axis axis) {
    List<Strided> all = parts.stream().map(Tensor::strided).toList();
    return new Tensor(Joining.concat(all, axis), null, common(parts));
  }

  /** The view of all of them; an error if there are two. */
  private static @Nullable View common(List<Tensor> parts) {
    Tensor known = parts.getFirst();
    for (Tensor part : parts) {
      View.common(known, part);
      known = known.view == null ? part : known;
    }
    return known.view;
  }

  // What it is.

  /** The axes in order. */
  public List<Axis> axes() {
    return layout.dimensions().stream().map(Dimension::axis).toList();
  }

  /** The axes in order, with sizes and labels. */
  public List<Dimension> dimensions() {
    return layout.dimensions();
  }

  /** Whether it has the axis. */
  public boolean has(Axis axis) {
    return layout.find(axis) >= 0;
  }

  /** The size of an axis. */
  public int size(Axis axis) {
    return layout.dimensions().get(layout.require(axis)).size();
  }

  /** The labels of an axis: the tokens of a position, the numbers of heads. */
  public List<String> labels(Axis axis) {
    return layout.dimensions().get(layout.require(axis)).labels();
  }

  /** The number of axes; a single number has none. */
  public int rank() {
    return layout.rank();
  }

  /** The sizes of the axes in order. */
  public int[] shape() {
    return layout.sizes();
  }

  /** The shape as errors show it, such as {@code [batch 1, head 6, query 14, key 14]}. */
  public String shapeText() {
    return layout.toString();
  }

  /** The number of elements. */
  public long elements() {
    return layout.elements();
  }

  /** Whether the elements are doubles; otherwise they are floats. */
  public boolean isDouble() {
    return strided.elements().isDouble();
  }

  // Cutting and turning: views over the same elements.

  /**
   * Without an axis, at one of its indices; -1 is the last.
   *
   * @throws IllegalArgumentException if there is no such axis
   * @throws IndexOutOfBoundsException if there is no such index
   */
  public Tensor at(Axis axis, int index) {
    return Cutting.at(this, axis, index);
  }

  /** Without an axis, at the index with a label. */
  public Tensor at(Axis axis, String label) {
    return Cutting.at(this, axis, label);
  }

  /**
   * At some indices of an axis, which stays. Shares the elements if the indices are evenly spaced,
   * otherwise copies those chosen.
   */
  public Tensor at(Axis axis, int... indices) {
    return Cutting.at(this, axis, indices);
  }

  /**
   * From an index up to another, exclusive; -1 is the last index, and {@code size(axis)} the end.
   *
   * @throws IndexOutOfBoundsException if they are outside the axis or in the wrong order
   */
  public Tensor range(Axis axis, int from, int to) {
    return Cutting.range(this, axis, from, to);
  }

  /** With an axis under another name. */
  public Tensor rename(Axis from, Axis to) {
    return Cutting.rename(this, from, to);
  }

  /** With other labels on an axis, one for each index. */
  public Tensor withLabels(Axis axis, List<String> labels) {
    return Cutting.withLabels(this, axis, labels);
  }

  /** With the axes in another order; all must be named once. */
  public Tensor permute(Axis... order) {
    return Cutting.permute(this, order);
  }

  // Numbers.

  /** The number of a tensor without axes. */
  public double value() {
    if (rank() != 0) {
      throw new IllegalArgumentException(
          "a single number was asked of " + layout + ": say which with at(axis, index)");
    }
    return strided.elements().get(layout.offset());
  }

  /** The element at one index for each axis in order; -1 is the last. */
  public double get(int... indices) {
    if (indices.length != rank()) {
      throw new IllegalArgumentException(indices.length + " indices for " + layout);
    }
    int at = layout.offset();
    for (int i = 0; i < indices.length; i++) {
      at += layout.resolve(i, indices[i]) * layout.stride(i);
    }
    return strided.elements().get(at);
  }

  /** Takes the elements one by one in row-major order. */
  public void forEach(DoubleConsumer action) {
    Joining.forEach(strided, action);
  }

  /** A new array of the elements in row-major order, doubles rounded. */
  public float[] floats() {
    return Joining.floats(strided);
  }

  /** A new array of the elements in row-major order. */
  public double[] doubles() {
    return Joining.doubles(strided);
  }

  // Arithmetic.

  /** The sum, element by element. */
  public Tensor plus(Tensor other) {
    return Calculation.combine(this, other, "plus", Double::sum);
  }

  /** The difference, element by element. */
  public Tensor minus(Tensor other) {
    return Calculation.combine(this, other, "minus", (a, b) -> a - b);
  }

  /** The product, element by element. */
  public Tensor times(Tensor other) {
    return Calculation.combine(this, other, "times", (a, b) -> a * b);
  }

  /** The quotient, element by element. */
  public Tensor over(Tensor other) {
    return Calculation.combine(this, other, "over", (a, b) -> a / b);
  }

  /** With a number added to each element. */
  public Tensor plus(double number) {
    return Calculation.map(this, "plus(" + number + ")", a -> a + number);
  }

  /** With each element multiplied by a number. */
  public Tensor times(double number) {
    return Calculation.map(this, "times(" + number + ")", a -> a * number);
  }

  /** With each element's sign turned. */
  public Tensor negate() {
    return Calculation.map(this, "negate()", a -> -a);
  }

  /** The absolute values. */
  public Tensor abs() {
    return Calculation.map(this, "abs()", Math::abs);
  }

  /** The square roots. */
  public Tensor sqrt() {
    return Calculation.map(this, "sqrt()", Math::sqrt);
  }

  /** e to the power of each element. */
  public Tensor exp() {
    return Calculation.map(this, "exp()", StrictMath::exp);
  }

  /** The natural logarithms. */
  public Tensor log() {
    return Calculation.map(this, "log()", StrictMath::log);
  }

  /** A function of each element. */
  public Tensor map(DoubleUnaryOperator function) {
    return Calculation.map(this, "map(...)", function);
  }

  /** Σ a·b over the axes named: what remains are all other axes of both. */
  public Tensor dot(Tensor other, Axis... over) {
    return Calculation.dot(this, other, over);
  }

  // Over axes; with none named, over all.

  /** The sum over some axes. */
  public Tensor sum(Axis... axes) {
    return Calculation.reduce(this, "sum", Reduction::sum, axes);
  }

  /** The mean over some axes; of nothing it is NaN. */
  public Tensor mean(Axis... axes) {
    return Calculation.reduce(this, "mean", Reduction::mean, axes);
  }

  /** The square root of the sum of squares over some axes. */
  public Tensor norm(Axis... axes) {
    return Calculation.reduce(this, "norm", Reduction::norm, axes);
  }

  /** The largest element over some axes; NaN if one is NaN. */
  public Tensor max(Axis... axes) {
    return Calculation.reduce(this, "max", Reduction::max, axes);
  }

  /** The smallest element over some axes; NaN if one is NaN. */
  public Tensor min(Axis... axes) {
    return Calculation.reduce(this, "min", Reduction::min, axes);
  }

  /** The index of the largest element along an axis: the first of equals; NaN is the largest. */
  public Tensor argmax(Axis axis) {
    return Calculation.argmax(this, axis);
  }

  /** exp(x − max) / Σ exp(x − max) along an axis; a row that is all −inf gives NaN. */
  public Tensor softmax(Axis axis) {
    return Calculation.along(this, "softmax", Reduction::softmax, axis);
  }

  /** x − max − log Σ exp(x − max) along an axis. */
  public Tensor logSoftmax(Axis axis) {
    return Calculation.along(this, "logSoftmax", Reduction::logSoftmax, axis);
  }

  /** The k largest elements, each under the label of its index; see {@link Top}. */
  public Top top(int k) {
    return Top.of(this, k);
  }

  // Comparing.

  /** Whether both have the same axes, sizes, precision and bits, whatever the order of the axes. */
  public boolean sameBits(Tensor other) {
    return Difference.sameBits(this, other);
  }

  /**
   * The largest |a − b|; equal infinities, and NaN in both, differ by 0; NaN in one gives NaN.
   *
   * @throws IllegalArgumentException if the shapes differ
   */
  public double maxAbsDifference(Tensor other) {
    return Difference.largest(this, other);
  }

  /** The first element, in this tensor's order, whose value is another in the other tensor. */
  public Optional<Difference> firstDifference(Tensor other) {
    return Difference.first(this, other);
  }

  // What it says of itself.

  /** Where it comes from, if that was recorded. */
  public Optional<Origin> origin() {
    return Optional.ofNullable(origin);
  }

  /** The same tensor, said to come from somewhere, and of its view. */
  public Tensor withOrigin(Origin from) {
    return new Tensor(strided, from, from.view().orElse(view));
  }

  /** The same tensor, with its origin forgotten. */
  public Tensor withoutOrigin() {
    return new Tensor(strided, null, view);
  }

  /** The view of the weights that it belongs to, if that matters and was recorded. */
  public Optional<View> view() {
    return Optional.ofNullable(view);
  }

  /** The same tensor, said to belong to a view. */
  public Tensor withView(View of) {
    return new Tensor(strided, origin, of);
  }

  /** The same tensor, its view forgotten: it may meet tensors of every view. */
  public Tensor withoutView() {
    return new Tensor(strided, origin, null);
  }

  /** Name, shape and precision in one line: the heading of its drawings. */
  public String title() {
    return Description.title(this);
  }

  /** Its name, shape and precision, formula, parents, weights, conventions and line of source. */
  public String describe() {
    return Description.of(this);
  }

  /** Draws it in plain text, 100 columns wide: a small one whole, a large one in summary. */
  @Override
  public String toString() {
    return draw(Rendering.standard());
  }

  /** Draws it in text as the rendering says. */
  public String draw(Rendering rendering) {
    return TextDrawing.of(this, rendering);
  }

  /** A picture that stands alone, readable on light and dark, with each value on hovering. */
  public String svg() {
    return Svg.of(this);
  }

  /** A page that stands alone: the picture and what {@link #describe()} says. */
  public String html() {
    return Html.of(this);
  }

  Strided strided() {
    return strided;
  }

  /** A tensor made from this one by an operation. */
  Tensor derived(Strided result, Supplier<String> operation) {
    return new Tensor(result, Derived.from(origin, operation), view);
  }

  static String list(Axis... axes) {
    return Arrays.stream(axes).map(Axis::toString).collect(Collectors.joining(", "));
  }
}
