package dev.vitrine.tensor.drawing;

import dev.vitrine.tensor.Tensor;

/** Draws a tensor in text. */
public final class TextDrawing {
  private TextDrawing() {}

  /** The tensor as the rendering says. */
  public static String of(Tensor tensor, Rendering rendering) {
    return tensor.shapeText();
  }
}
