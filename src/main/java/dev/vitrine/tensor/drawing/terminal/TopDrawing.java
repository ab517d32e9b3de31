package dev.vitrine.tensor.drawing.terminal;

import dev.vitrine.tensor.Top;
import dev.vitrine.tensor.drawing.Label;
import dev.vitrine.tensor.drawing.Numbers;
import dev.vitrine.tensor.drawing.Rendering;
import java.util.List;

/** Draws the largest elements of a tensor as a table. */
public final class TopDrawing {
  private TopDrawing() {}

  /** A table of rank, label, index and value. */
  public static String of(Top top, Rendering rendering) {
    double magnitude = 0;
    boolean whole = true;
    for (Top.Entry entry : top) {
      if (Double.isFinite(entry.value())) {
        magnitude = Math.max(magnitude, Math.abs(entry.value()));
        whole &= entry.value() == Math.rint(entry.value());
      }
    }
    Numbers numbers = Numbers.forMagnitude(magnitude, whole);
    Table table =
        new Table()
            .column("", false)
            .column(top.title(), true)
            .column("index", false)
            .column("value", false);
    int rank = 1;
    for (Top.Entry entry : top) {
      String label = Label.visible(entry.label(), rendering.ascii());
      table.row(
          List.of(
              Integer.toString(rank++),
              Label.cut(label, rendering.width() / 2, rendering.ascii()),
              Integer.toString(entry.index()),
              numbers.text(entry.value())));
    }
    return String.join("\n", table.lines());
  }
}
