package dev.vitrine.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Finds an index by its label. */
final class Lookup {
  private static final int SHOWN = 3;

  private Lookup() {}

  /**
   * The one index with the label.
   *
   * @throws IllegalArgumentException if none has it (the message says the nearest) or several have
   *     it (the message says which)
   */
  static int index(String shape, Dimension dimension, String label) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < dimension.size(); i++) {
      if (dimension.label(i).equals(label)) {
        found.add(i);
      }
    }
    if (found.size() == 1) {
      return found.getFirst();
    }
    String where = "label '" + label + "' on axis " + dimension.axis() + " of " + shape;
    if (found.isEmpty()) {
      throw new IllegalArgumentException("no " + where + near(dimension, label));
    }
    String indices = found.stream().limit(8).map(String::valueOf).collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        where + " is at the indices " + indices + (found.size() > 8 ? ", …" : "") + ": choose one");
  }

  private static String near(Dimension dimension, String label) {
    List<String> near =
        Nearest.names(label, dimension.labels().stream().distinct().toList(), SHOWN);
    return near.isEmpty()
        ? ""
        : near.stream().collect(Collectors.joining("', '", "; the nearest: '", "'"));
  }
}
