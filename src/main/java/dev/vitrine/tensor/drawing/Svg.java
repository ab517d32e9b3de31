package dev.vitrine.tensor.drawing;

import dev.vitrine.tensor.Tensor;

/** Draws a tensor as Svg. */
public final class Svg {
  private Svg() {}

  /** The whole document. */
  public static String of(Tensor tensor) {
    return tensor.shapeText();
  }
}
