package dev.vitrine.tensor.strided;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/** New tensors from pieces of others: copies, choices of indices, stacks. */
public final class Joining {
  private Joining() {}

  /** A row-major copy in single precision. */
  public static float[] floats(Strided a) {
    Layout result = Layout.rowMajor(a.dimensions());
    float[] copy = new float[(int) result.elements()];
    copyInto(a, new Elements.Floats(copy), result);
    return copy;
  }

  /** A row-major copy in double precision. */
  public static double[] doubles(Strided a) {
    Layout result = Layout.rowMajor(a.dimensions());
    double[] copy = new double[(int) result.elements()];
    copyInto(a, new Elements.Doubles(copy), result);
    return copy;
  }

  /** Takes the elements one by one in row-major order. */
  public static void forEach(Strided a, DoubleConsumer action) {
    int step = Walk.innermost(a.layout().strides());
    Walk.rows(
        a.layout().sizes(),
        new int[][] {a.layout().strides()},
        new int[] {a.layout().offset()},
        (at, length) -> {
          for (int i = 0; i < length; i++) {
            action.accept(a.elements().get(at[0] + i * step));
          }
        });
  }

  private static void copyInto(Strided a, Elements out, Layout to) {
    int[] strides = Arithmetic.stridesFor(a.dimensions(), to);
    int from = Walk.innermost(a.layout().strides());
    int into = Walk.innermost(strides);
    Walk.rows(
        a.layout().sizes(),
        new int[][] {a.layout().strides(), strides},
        new int[] {a.layout().offset(), to.offset()},
        (at, length) -> {
          for (int i = 0; i < length; i++) {
            out.set(at[1] + i * into, a.elements().get(at[0] + i * from));
          }
        });
  }

  /** The chosen indices of an axis: a view where they are evenly spaced, otherwise a copy. */
  public static Strided select(Strided a, int place, int[] chosen) {
    int step = chosen.length < 2 ? 1 : chosen[1] - chosen[0];
    boolean even = true;
    for (int i = 2; i < chosen.length; i++) {
      even &= chosen[i] - chosen[i - 1] == step;
    }
    if (even) {
      int first = chosen.length == 0 ? 0 : chosen[0];
      return a.with(a.layout().every(place, first, step, chosen.length));
    }
    List<Dimension> dimensions = new ArrayList<>(a.dimensions());
    dimensions.set(place, dimensions.get(place).select(chosen));
    Layout result = Layout.rowMajor(dimensions);
    Elements out = Elements.allocate(a.isDouble(), result.elements());
    for (int i = 0; i < chosen.length; i++) {
      copyInto(a.with(a.layout().at(place, chosen[i])), out, result.at(place, i));
    }
    return new Strided(out, result);
  }

  /** Side by side along a new first axis. */
  public static Strided stack(List<Strided> parts, Dimension dimension) {
    if (parts.size() != dimension.size()) {
      throw new IllegalArgumentException(
          parts.size() + " tensors stacked along an axis of another size: " + dimension);
    }
    refuseNone(parts);
    Layout first = parts.getFirst().layout();
    List<Dimension> dimensions = new ArrayList<>(List.of(dimension));
    dimensions.addAll(first.dimensions());
    Layout result = Layout.rowMajor(dimensions);
    Elements out = Elements.allocate(anyDouble(parts), result.elements());
    for (int i = 0; i < parts.size(); i++) {
      refuseOther(first, parts.get(i).layout(), null);
      copyInto(parts.get(i), out, result.at(0, i));
    }
    return new Strided(out, result);
  }

  /** One after another along an axis that all have. */
  public static Strided concat(List<Strided> parts, Axis axis) {
    refuseNone(parts);
    Layout first = parts.getFirst().layout();
    int place = first.require(axis);
    List<Dimension> joined = new ArrayList<>();
    for (Strided part : parts) {
      refuseOther(first, part.layout(), axis);
      joined.add(part.dimensions().get(part.layout().require(axis)));
    }
    List<Dimension> dimensions = new ArrayList<>(first.dimensions());
    dimensions.set(place, Dimension.joined(joined));
    Layout result = Layout.rowMajor(dimensions);
    Elements out = Elements.allocate(anyDouble(parts), result.elements());
    int from = 0;
    for (Strided part : parts) {
      int size = part.dimensions().get(part.layout().require(axis)).size();
      copyInto(part, out, result.every(place, from, 1, size));
      from += size;
    }
    return new Strided(out, result);
  }

  private static void refuseNone(List<Strided> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("no tensors to join");
    }
  }

  /** An error unless both have the same axes with the same sizes, but for one axis. */
  private static void refuseOther(Layout first, Layout other, @Nullable Axis free) {
    boolean same = first.rank() == other.rank();
    for (Dimension dimension : first.dimensions()) {
      int place = other.find(dimension.axis());
      same &=
          place >= 0
              && (dimension.axis() == free
                  || other.dimensions().get(place).size() == dimension.size());
    }
    if (!same) {
      throw new IllegalArgumentException(first + " and " + other + " do not join");
    }
  }

  private static boolean anyDouble(List<Strided> parts) {
    return parts.stream().anyMatch(Strided::isDouble);
  }
}
