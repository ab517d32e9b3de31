package dev.vitrine.cli.terminal;

/** Shows a token on one line, its spaces visible, and nothing that would move the cursor. */
public final class Label {
  private Label() {}

  /** The label of a token's string. */
  public static String of(String token, Style style) {
    StringBuilder label = new StringBuilder();
    token.codePoints().forEach(c -> append(label, c, style));
    return label.isEmpty() ? "\"\"" : label.toString();
  }

  private static void append(StringBuilder label, int c, Style style) {
    switch (c) {
      case ' ' -> label.append(style.unicode() ? '·' : '_');
      case '\n' -> label.append(style.unicode() ? "⏎" : "\\n");
      case '\r' -> label.append("\\r");
      case '\t' -> label.append("\\t");
      default -> {
        if (isHidden(c) || (!style.unicode() && c > 126)) {
          label.append(c > 0xffff ? "\\U%06x".formatted(c) : "\\u%04x".formatted(c));
        } else {
          label.appendCodePoint(c);
        }
      }
    }
  }

  /** Controls, and what breaks or reorders a line. */
  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }
}
