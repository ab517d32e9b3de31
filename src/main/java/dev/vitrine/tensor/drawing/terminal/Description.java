package dev.vitrine.tensor.drawing.terminal;

import dev.vitrine.tensor.Origin;
import dev.vitrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What {@link Tensor#describe()} says. */
public final class Description {
  private Description() {}

  /** Name, shape and precision in one line. */
  public static String title(Tensor tensor) {
    return tensor.origin().map(origin -> origin.name() + "  ").orElse("") + shape(tensor);
  }

  private static String shape(Tensor tensor) {
    return tensor.shapeText() + " " + (tensor.isDouble() ? "f64" : "f32");
  }

  /** All that the origin says, a line each. */
  public static String of(Tensor tensor) {
    String shape = shape(tensor);
    Origin origin = tensor.origin().orElse(null);
    if (origin == null) {
      return "tensor " + shape + "\n  origin      not recorded";
    }
    Origin root = origin.root();
    String operations = origin.operations();
    List<String> lines = new ArrayList<>();
    lines.add(root.name() + (operations.isEmpty() ? "  " + shape : ""));
    add(lines, "formula", root.formula());
    add(lines, "from", String.join(", ", root.parents()));
    add(lines, "weights", String.join(", ", root.weights()));
    root.conventions().forEach(convention -> add(lines, "note", convention));
    add(lines, "source", root.source().orElse(""));
    if (!operations.isEmpty()) {
      add(lines, "then", operations);
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
