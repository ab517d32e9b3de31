package dev.vitrine.tensor.strided;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where the elements of a tensor lie: its axes, the step of each in the array, and the place of the
 * first element. Cutting, turning and naming axes makes another layout over the same array.
 */
public final class Layout {
  private final List<Dimension> dimensions;
  private final int[] strides;
  private final int offset;

  private Layout(List<Dimension> dimensions, int[] strides, int offset) {
    this.dimensions = List.copyOf(dimensions);
    this.strides = strides;
    this.offset = offset;
  }

  /** Axes with a given step each. */
  static Layout of(List<Dimension> dimensions, int[] strides, int offset) {
    refuseTwice(dimensions);
    if (strides.length != dimensions.size()) {
      throw new IllegalArgumentException(strides.length + " strides for " + text(dimensions));
    }
    return new Layout(dimensions, strides.clone(), offset);
  }

  /** The layout of a whole array, the last axis running fastest. */
  static Layout rowMajor(List<Dimension> dimensions) {
    refuseTwice(dimensions);
    int[] strides = new int[dimensions.size()];
    long step = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = (int) step;
      step *= dimensions.get(i).size();
      if (step > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            text(dimensions) + " has more elements than one array can hold");
      }
    }
    return new Layout(dimensions, strides, 0);
  }

  static void refuseTwice(List<Dimension> dimensions) {
    Set<Axis> seen = EnumSet.noneOf(Axis.class);
    for (Dimension dimension : dimensions) {
      if (!seen.add(dimension.axis())) {
        throw new IllegalArgumentException(
            "axis " + dimension.axis() + " occurs twice in " + text(dimensions));
      }
    }
  }

  static String text(List<Dimension> dimensions) {
    return dimensions.stream().map(Dimension::toString).collect(Collectors.joining(", ", "[", "]"));
  }

  /** The axes in order. */
  public List<Dimension> dimensions() {
    return dimensions;
  }

  /** The step of an axis in the array. */
  public int stride(int place) {
    return strides[place];
  }

  int[] strides() {
    return strides;
  }

  /** The place of the first element in the array. */
  public int offset() {
    return offset;
  }

  /** The number of axes. */
  public int rank() {
    return strides.length;
  }

  /** The sizes of the axes in order. */
  public int[] sizes() {
    return dimensions.stream().mapToInt(Dimension::size).toArray();
  }

  /** The number of elements. */
  public long elements() {
    long count = 1;
    for (Dimension dimension : dimensions) {
      count = Math.multiplyExact(count, (long) dimension.size());
    }
    return count;
  }

  /** The place of an axis among the axes, or -1. */
  public int find(Axis axis) {
    for (int i = 0; i < dimensions.size(); i++) {
      if (dimensions.get(i).axis() == axis) {
        return i;
      }
    }
    return -1;
  }

  /** The place of an axis among the axes; an error that names the shape if it is not there. */
  public int require(Axis axis) {
    int found = find(axis);
    if (found >= 0) {
      return found;
    }
    boolean pattern = find(Axis.QUERY) >= 0 || find(Axis.KEY) >= 0;
    String hint =
        axis == Axis.POSITION && pattern
            ? ": its positions are 'query' (who looks) and 'key' (who is looked at)"
            : "";
    throw new IllegalArgumentException("no axis '" + axis + "' in " + this + hint);
  }

  /** The index with a negative one counted from the end; an error that names the shape. */
  public int resolve(int place, int index) {
    Dimension dimension = dimensions.get(place);
    int size = dimension.size();
    if (index < -size || index >= size) {
      String range = size == 0 ? "is empty" : "has " + -size + " to " + (size - 1);
      throw new IndexOutOfBoundsException(
          "no index " + index + " on axis " + dimension.axis() + " of " + this + ": it " + range);
    }
    return index < 0 ? index + size : index;
  }

  /** Without one axis, at one of its indices. */
  public Layout at(int place, int index) {
    List<Dimension> left = new ArrayList<>(dimensions);
    left.remove(place);
    int[] steps = new int[rank() - 1];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = strides[i < place ? i : i + 1];
    }
    return new Layout(left, steps, offset + index * strides[place]);
  }

  /** With the indices {@code from}, {@code from + step}, … of one axis. */
  public Layout every(int place, int from, int step, int count) {
    int[] steps = strides.clone();
    steps[place] *= step;
    int start = count == 0 ? offset : offset + from * strides[place];
    return new Layout(with(place, dimensions.get(place).every(from, step, count)), steps, start);
  }

  /** With another description of the axis at a place, of the same size. */
  public Layout replaced(int place, Dimension dimension) {
    List<Dimension> changed = with(place, dimension);
    refuseTwice(changed);
    return new Layout(changed, strides, offset);
  }

  /** With the axes in another order: place {@code order[i]} comes to place {@code i}. */
  public Layout permuted(int[] order) {
    List<Dimension> turned = new ArrayList<>();
    int[] steps = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      turned.add(dimensions.get(order[i]));
      steps[i] = strides[order[i]];
    }
    return new Layout(turned, steps, offset);
  }

  /** An error if an element would lie outside an array of some length. */
  void checkInside(int length) {
    long least = offset;
    long most = offset;
    for (int i = 0; i < rank(); i++) {
      long reach = (dimensions.get(i).size() - 1L) * strides[i];
      least += Math.min(reach, 0);
      most += Math.max(reach, 0);
    }
    if (elements() > 0 && (least < 0 || most >= length)) {
      throw new IllegalArgumentException(
          this + " reaches from " + least + " to " + most + " in an array of " + length);
    }
  }

  private List<Dimension> with(int place, Dimension dimension) {
    List<Dimension> changed = new ArrayList<>(dimensions);
    changed.set(place, dimension);
    return changed;
  }

  /** The shape as errors show it, such as {@code [batch 1, head 6, query 14, key 14]}. */
  @Override
  public String toString() {
    return text(dimensions);
  }
}
