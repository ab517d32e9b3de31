package dev.vitrine.tensor.drawing;

import dev.vitrine.tensor.Tensor;

/** Draws a tensor as Html. */
public final class Html {
  private Html() {}

  /** The whole document. */
  public static String of(Tensor tensor) {
    return tensor.shapeText();
  }
}
