package dev.vitrine.cli.weights;

import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Label;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.weights.inspect.Inspection;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** An inspection on a terminal: what the file is, the model drawn, its tensors. */
final class InspectScreen {
  private static final int USUAL = 80;

  private InspectScreen() {}

  static void print(Inspection inspection, String file, Terminal terminal) {
    Style style = Style.of(terminal);
    int width = terminal.width();
    List<String> lines = new ArrayList<>(title(inspection, file, style, width));
    inspection
        .config()
        .ifPresent(config ->
            inspection
                .anatomy()
                .ifPresent(anatomy -> {
                  lines.add("");
                  lines.addAll(new ModelDrawing(config, anatomy, style, width).lines());
                }));
    lines.add("");
    lines.addAll(new TensorTable(inspection.tensors(), style, width).lines());
    lines.forEach(terminal::line);
  }

  private static List<String> title(Inspection inspection, String file, Style style, int width) {
    String name = Label.of(file, style);
    String what = String.join(style.dot(), inspection.format(), dtypes(inspection));
    String left = name + style.dot() + what;
    String right =
        ModelDrawing.grouped(inspection.parameters())
            + (inspection.config().isPresent() ? " parameters" : " elements");
    int gap = Math.min(width, USUAL) - Columns.width(left) - right.length();
    if (gap < 2) {
      return List.of(
          style.heading(Columns.fit(name, width, style)),
          Columns.fit(String.join(style.dot(), what, right), width, style));
    }
    return List.of(style.heading(left) + " ".repeat(gap) + right);
  }

  private static String dtypes(Inspection inspection) {
    return inspection.tensors().stream()
        .map(tensor -> tensor.dtype().name())
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
