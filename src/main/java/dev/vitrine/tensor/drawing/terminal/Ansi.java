package dev.vitrine.tensor.drawing.terminal;

import dev.vitrine.tensor.drawing.DisplayWidth;
import dev.vitrine.tensor.drawing.Ink;
import dev.vitrine.tensor.drawing.Label;

/** Colours for terminals that know 256 of them. */
final class Ansi {
  private static final char ESCAPE = '\u001b';
  private static final String RESET = "\u001b[0m";

  private Ansi() {}

  /** A text on the colour of a share of the scale. */
  static String background(String text, double share) {
    return "\u001b[48;5;" + cube(share) + "m" + text + RESET;
  }

  /** A text in the colour of a sign. */
  static String foreground(String text, boolean negative) {
    return "\u001b[38;5;" + cube(negative ? -0.6 : 0.6) + "m" + text + RESET;
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

  /** A line cut to a number of columns, of which its colours take none. */
  static String cut(String line, int columns, boolean ascii) {
    if (line.indexOf(ESCAPE) < 0) {
      return Label.cut(line, columns, ascii);
    }
    StringBuilder kept = new StringBuilder();
    int room = columns;
    for (int i = 0; i < line.length(); ) {
      int c = line.codePointAt(i);
      int end = c == ESCAPE ? line.indexOf('m', i) + 1 : i + Character.charCount(c);
      room -= c == ESCAPE ? 0 : DisplayWidth.of(c);
      if (room < 0) {
        return kept + RESET;
      }
      kept.append(line, i, end);
      i = end;
    }
    return line;
  }
}
