package dev.vitrine.tensor;

import java.util.ArrayList;
import java.util.List;

/** What {@link Tensor#describe()} says. */
final class Description {
  private Description() {}

  static String of(Tensor tensor) {
    String shape = tensor.shapeText() + " " + (tensor.isDouble() ? "f64" : "f32");
    Origin origin = tensor.origin().orElse(null);
    if (origin == null) {
      return "tensor " + shape + "\n  origin      not recorded";
    }
    boolean derivedFrom = origin instanceof Derived;
    Origin root = origin instanceof Derived derived ? derived.root() : origin;
    List<String> lines = new ArrayList<>();
    lines.add(root.name() + (derivedFrom ? "" : "  " + shape));
    add(lines, "formula", root.formula());
    add(lines, "from", String.join(", ", root.parents()));
    add(lines, "weights", String.join(", ", root.weights()));
    root.conventions().forEach(convention -> add(lines, "note", convention));
    add(lines, "source", root.source().orElse(""));
    if (origin instanceof Derived derived) {
      add(lines, "then", derived.operations());
      add(lines, "gives", shape);
    }
    return String.join("\n", lines);
  }

  private static void add(List<String> lines, String key, String text) {
    if (!text.isEmpty()) {
      lines.add("  " + key + " ".repeat(Math.max(1, 12 - key.length())) + text);
    }
  }
}
