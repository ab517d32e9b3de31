package dev.vitrine.tensor.drawing;

import java.util.Locale;

/** Labels as they are drawn: every character to be seen, none to disturb the page. */
public final class Label {
  private Label() {}

  /**
   * A label with its blanks made visible: a leading or trailing space is {@code ␣}, a line feed
   * {@code ↵}, a tab {@code ⇥}; control and formatting characters (which might move the cursor or
   * turn the direction of writing) are escapes such as {@code \x1b}. In ASCII a label with spaces
   * at an end is quoted, and all else outside ASCII is an escape.
   */
  public static String visible(String label, boolean ascii) {
    StringBuilder text = new StringBuilder();
    int first = leading(label);
    int last = label.length() - leading(new StringBuilder(label).reverse().toString());
    for (int i = 0; i < label.length(); ) {
      int c = label.codePointAt(i);
      boolean atEnd = i < first || i >= last;
      text.append(c == ' ' && atEnd && !ascii ? "␣" : visible(c, ascii, text.isEmpty()));
      i += Character.charCount(c);
    }
    boolean quote = ascii && (label.isEmpty() || first > 0 || last < label.length());
    return quote ? "\"" + text + "\"" : label.isEmpty() ? "∅" : text.toString();
  }

  private static int leading(String label) {
    int count = 0;
    while (count < label.length() && label.charAt(count) == ' ') {
      count++;
    }
    return count;
  }

  private static String visible(int c, boolean ascii, boolean isFirst) {
    if (c == '\n') {
      return ascii ? "\\n" : "↵";
    }
    if (c == '\t') {
      return ascii ? "\\t" : "⇥";
    }
    if (c == '\r') {
      return "\\r";
    }
    if (c == ' ' || (c > ' ' && c < 0x7f)) {
      return Character.toString(c);
    }
    if (ascii || isHidden(c)) {
      return String.format(Locale.ROOT, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    }
    // A mark needs something to stand on, and must not take what comes before the label.
    return isFirst && DisplayWidth.isCombining(c)
        ? "◌" + Character.toString(c)
        : Character.toString(c);
  }

  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /** A text cut to a number of columns, its end shown as left out. */
  public static String cut(String text, int columns, boolean ascii) {
    if (DisplayWidth.of(text) <= columns) {
      return text;
    }
    String mark = ascii ? (columns < 6 ? "~" : "...") : "…";
    int room = columns - DisplayWidth.of(mark);
    StringBuilder kept = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      room -= DisplayWidth.of(c);
      if (room < 0) {
        break;
      }
      kept.appendCodePoint(c);
      i += Character.charCount(c);
    }
    return columns < 1 ? "" : kept + mark;
  }

  /** A text with blanks after it, up to a number of columns. */
  public static String padRight(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - DisplayWidth.of(text)));
  }

  /** A text with blanks before it, up to a number of columns. */
  public static String padLeft(String text, int columns) {
    return " ".repeat(Math.max(0, columns - DisplayWidth.of(text))) + text;
  }
}
