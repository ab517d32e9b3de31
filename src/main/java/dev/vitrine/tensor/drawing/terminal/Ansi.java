package dev.vitrine.tensor.drawing.terminal;

import dev.vitrine.tensor.drawing.Ink;

/** Colours for terminals that know 256 of them. */
final class Ansi {
  private Ansi() {}

  /** A text on the colour of a share of the scale. */
  static String background(String text, double share) {
    return "\u001b[48;5;" + cube(share) + "m" + text + "\u001b[0m";
  }

  /** A text in the colour of a sign. */
  static String foreground(String text, boolean negative) {
    return "\u001b[38;5;" + cube(negative ? -0.6 : 0.6) + "m" + text + "\u001b[0m";
  }

  /** The nearest colour in the terminal's cube of 6 × 6 × 6. */
  private static int cube(double share) {
    int index = 16;
    int weight = 36;
    for (int part : Ink.rgb(share)) {
      // The steps of the cube are 0, 95, 135, 175, 215, 255.
      index += weight * (part < 48 ? 0 : Math.clamp((part - 35) / 40, 1, 5));
      weight /= 6;
    }
    return index;
  }
}
