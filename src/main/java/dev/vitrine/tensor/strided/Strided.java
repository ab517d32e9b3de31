package dev.vitrine.tensor.strided;

import dev.vitrine.tensor.Dimension;
import java.util.List;

/** Elements and where they lie: what a tensor is without its history. */
public record Strided(Elements elements, Layout layout) {

  /** A whole array in row-major order. */
  public static Strided rowMajor(Elements elements, List<Dimension> dimensions) {
    Layout layout = Layout.rowMajor(dimensions);
    if (layout.elements() != elements.length()) {
      throw new IllegalArgumentException(
          layout
              + " has "
              + layout.elements()
              + " elements, and the array has "
              + elements.length());
    }
    return new Strided(elements, layout);
  }

  /** A part of an array; an error if an element lies outside. */
  public static Strided part(
      Elements elements, int offset, int[] strides, List<Dimension> dimensions) {
    Layout layout = Layout.of(dimensions, strides, offset);
    layout.checkInside(elements.length());
    return new Strided(elements, layout);
  }

  /** The same elements under another layout. */
  public Strided with(Layout other) {
    return new Strided(elements, other);
  }

  boolean isDouble() {
    return elements.isDouble();
  }

  List<Dimension> dimensions() {
    return layout.dimensions();
  }
}
