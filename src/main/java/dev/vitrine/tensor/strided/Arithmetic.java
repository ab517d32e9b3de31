package dev.vitrine.tensor.strided;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Arithmetic element by element, with the axes of both operands found by name. */
public final class Arithmetic {
  private Arithmetic() {}

  /** f(a, b) for each index of all axes of both. */
  public static Strided combine(Strided a, Strided b, DoubleBinaryOperator f) {
    List<Dimension> dimensions = align(a.layout(), b.layout());
    Layout result = Layout.rowMajor(dimensions);
    Elements x = a.elements();
    Elements y = b.elements();
    Elements out = Elements.allocate(x.isDouble() || y.isDouble(), result.elements());
    int[][] strides = {
      stridesFor(dimensions, a.layout()), stridesFor(dimensions, b.layout()), result.strides()
    };
    int stepX = Walk.innermost(strides[0]);
    int stepY = Walk.innermost(strides[1]);
    int[] offsets = {a.layout().offset(), b.layout().offset(), 0};
    Walk.rows(
        result.sizes(),
        strides,
        offsets,
        (at, length) -> {
          int i = at[0];
          int j = at[1];
          for (int o = at[2]; o < at[2] + length; o++) {
            out.set(o, f.applyAsDouble(x.get(i), y.get(j)));
            i += stepX;
            j += stepY;
          }
        });
    return new Strided(out, result);
  }

  /** f(a) for each element. */
  public static Strided map(Strided a, DoubleUnaryOperator f) {
    Layout result = Layout.rowMajor(a.dimensions());
    Elements x = a.elements();
    Elements out = Elements.allocate(x.isDouble(), result.elements());
    int step = Walk.innermost(a.layout().strides());
    Walk.rows(
        result.sizes(),
        new int[][] {a.layout().strides(), result.strides()},
        new int[] {a.layout().offset(), 0},
        (at, length) -> {
          int i = at[0];
          for (int o = at[1]; o < at[1] + length; o++) {
            out.set(o, f.applyAsDouble(x.get(i)));
            i += step;
          }
        });
    return new Strided(out, result);
  }

  /**
   * The axes of a result, as {@link dev.vitrine.tensor.Tensor} states them.
   *
   * @throws IllegalArgumentException if a common axis has two sizes
   */
  static List<Dimension> align(Layout a, Layout b) {
    for (Dimension left : a.dimensions()) {
      int place = b.find(left.axis());
      if (place >= 0 && b.dimensions().get(place).size() != left.size()) {
        throw new IllegalArgumentException(
            a + " and " + b + " do not align: they differ on axis " + left.axis());
      }
    }
    Layout first = !covers(a, b) && covers(b, a) ? b : a;
    Layout second = first == a ? b : a;
    List<Dimension> dimensions = new ArrayList<>();
    for (Dimension dimension : first.dimensions()) {
      if (!givesWay(dimension, first, second)) {
        dimensions.add(labelled(dimension.axis(), a, b));
      }
    }
    for (Dimension dimension : second.dimensions()) {
      if (first.find(dimension.axis()) < 0 && !givesWay(dimension, second, first)) {
        dimensions.add(dimension);
      }
    }
    return dimensions;
  }

  /** Whether the one axis of {@code own} stands for an axis that only {@code other} has. */
  private static boolean givesWay(Dimension dimension, Layout own, Layout other) {
    return dimension.axis() == Axis.ONE
        && other.find(Axis.ONE) < 0
        && other.dimensions().stream().anyMatch(d -> own.find(d.axis()) < 0);
  }

  private static boolean covers(Layout a, Layout b) {
    return b.dimensions().stream().allMatch(d -> d.axis() == Axis.ONE || a.find(d.axis()) >= 0);
  }

  /** The axis with the labels of the left operand, or of the right if only that one has some. */
  private static Dimension labelled(Axis axis, Layout left, Layout right) {
    int l = left.find(axis);
    int r = right.find(axis);
    if (l < 0 || (r >= 0 && !left.dimensions().get(l).isLabelled())) {
      return right.dimensions().get(r);
    }
    return left.dimensions().get(l);
  }

  /** The steps of a layout along the given axes: 0 along those it does not have. */
  static int[] stridesFor(List<Dimension> dimensions, Layout layout) {
    int[] strides = new int[dimensions.size()];
    for (int i = 0; i < strides.length; i++) {
      int place = layout.find(dimensions.get(i).axis());
      strides[i] = place < 0 ? 0 : layout.strides()[place];
    }
    return strides;
  }
}
