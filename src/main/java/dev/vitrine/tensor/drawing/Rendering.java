package dev.vitrine.tensor.drawing;

/**
 * How text is drawn: its width in columns, whether only ASCII is used, and whether colour is.
 *
 * @param width the columns of the terminal, at least 20
 * @param ascii whether to use no character outside ASCII
 * @param colour whether to use ANSI colours
 */
public record Rendering(int width, boolean ascii, boolean colour) {
  private static final int LEAST = 20;

  /** Refuses nothing: a width below 20 is taken as 20. */
  public Rendering {
    width = Math.max(width, LEAST);
  }

  /** 100 columns, Unicode, no colour. */
  public static Rendering standard() {
    return new Rendering(100, false, false);
  }

  /** This, with another width in columns. */
  public Rendering width(int columns) {
    return new Rendering(columns, ascii, colour);
  }

  /** This, in ASCII alone. */
  public Rendering inAscii() {
    return new Rendering(width, true, colour);
  }

  /** This, with ANSI colours. */
  public Rendering inColour() {
    return new Rendering(width, ascii, true);
  }
}
