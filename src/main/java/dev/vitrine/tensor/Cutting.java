package dev.vitrine.tensor;

import dev.vitrine.tensor.strided.Joining;
import dev.vitrine.tensor.strided.Layout;
import dev.vitrine.tensor.strided.Strided;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Cuts, turns and renames tensors; the elements stay where they are. */
final class Cutting {
  private static final int SHOWN = 3;

  private Cutting() {}

  static Tensor at(Tensor tensor, Axis axis, int index) {
    Layout layout = tensor.strided().layout();
    int place = layout.require(axis);
    Layout cut = layout.at(place, layout.resolve(place, index));
    return view(tensor, cut, () -> "at(" + axis + ", " + index + ")");
  }

  static Tensor at(Tensor tensor, Axis axis, String label) {
    Layout layout = tensor.strided().layout();
    int place = layout.require(axis);
    int index = find(layout, layout.dimensions().get(place), label);
    return view(tensor, layout.at(place, index), () -> "at(" + axis + ", \"" + label + "\")");
  }

  static Tensor at(Tensor tensor, Axis axis, int... indices) {
    Layout layout = tensor.strided().layout();
    int place = layout.require(axis);
    int[] chosen = new int[indices.length];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = layout.resolve(place, indices[i]);
    }
    Strided cut = Joining.select(tensor.strided(), place, chosen);
    return tensor.derived(cut, () -> "at(" + axis + ", " + Arrays.toString(chosen) + ")");
  }

  static Tensor range(Tensor tensor, Axis axis, int from, int to) {
    Layout layout = tensor.strided().layout();
    int place = layout.require(axis);
    int size = layout.dimensions().get(place).size();
    int start = from < 0 ? from + size : from;
    int end = to < 0 ? to + size : to;
    if (start < 0 || end > size || start > end) {
      throw new IndexOutOfBoundsException(
          "no range " + from + " to " + to + " on axis " + axis + " of " + layout);
    }
    return view(
        tensor,
        layout.every(place, start, 1, end - start),
        () -> "range(" + axis + ", " + from + ", " + to + ")");
  }

  static Tensor rename(Tensor tensor, Axis from, Axis to) {
    Layout layout = tensor.strided().layout();
    int place = layout.require(from);
    Dimension renamed = layout.dimensions().get(place).renamed(to);
    return view(tensor, layout.replaced(place, renamed), () -> "rename(" + from + ", " + to + ")");
  }

  static Tensor withLabels(Tensor tensor, Axis axis, List<String> labels) {
    Layout layout = tensor.strided().layout();
    int place = layout.require(axis);
    if (labels.size() != layout.dimensions().get(place).size()) {
      throw new IllegalArgumentException(
          labels.size() + " labels for axis " + axis + " of " + layout);
    }
    Layout labelled = layout.replaced(place, axis.of(labels));
    return new Tensor(
        tensor.strided().with(labelled), tensor.origin().orElse(null), tensor.view().orElse(null));
  }

  static Tensor permute(Tensor tensor, Axis... order) {
    Layout layout = tensor.strided().layout();
    int[] places = new int[order.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = layout.require(order[i]);
    }
    if (Arrays.stream(places).distinct().count() != layout.rank()
        || places.length != layout.rank()) {
      throw new IllegalArgumentException(
          "(" + Tensor.list(order) + ") does not name each axis of " + layout + " once");
    }
    return view(tensor, layout.permuted(places), () -> "permute(" + Tensor.list(order) + ")");
  }

  private static Tensor view(Tensor tensor, Layout layout, Supplier<String> operation) {
    return tensor.derived(tensor.strided().with(layout), operation);
  }

  /** The one index with a label; otherwise an error with the nearest labels, or the indices. */
  private static int find(Layout layout, Dimension dimension, String label) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < dimension.size(); i++) {
      if (dimension.label(i).equals(label)) {
        found.add(i);
      }
    }
    if (found.size() == 1) {
      return found.getFirst();
    }
    String where = "label '" + label + "' on axis " + dimension.axis() + " of " + layout;
    if (found.isEmpty()) {
      throw new IllegalArgumentException("no " + where + near(dimension, label));
    }
    String indices = found.stream().limit(8).map(String::valueOf).collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        where + " is at the indices " + indices + (found.size() > 8 ? ", …" : "") + ": choose one");
  }

  private static String near(Dimension dimension, String label) {
    List<String> known = dimension.labels().stream().distinct().toList();
    List<String> near = Nearest.names(label, known, SHOWN);
    return near.isEmpty()
        ? ""
        : near.stream().collect(Collectors.joining("', '", "; the nearest: '", "'"));
  }
}
