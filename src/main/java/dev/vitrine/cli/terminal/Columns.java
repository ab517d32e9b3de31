package dev.vitrine.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** Fits text into columns of a terminal, where some characters take two and some none. */
public final class Columns {
  private Columns() {}

  /** How many columns a text takes; it must not have colours yet. */
  public static int width(String text) {
    return text.codePoints().map(Columns::width).sum();
  }

  private static int width(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    return isWide(c) ? 2 : 1;
  }

  /** East Asian wide characters and emoji, by their blocks. */
  private static boolean isWide(int c) {
    return (c >= 0x1100 && c <= 0x115f)
        || (c >= 0x2e80 && c <= 0x303e)
        || (c >= 0x3041 && c <= 0xa4cf)
        || (c >= 0xac00 && c <= 0xd7a3)
        || (c >= 0xf900 && c <= 0xfaff)
        || (c >= 0xfe30 && c <= 0xfe6f)
        || (c >= 0xff00 && c <= 0xff60)
        || (c >= 0xffe0 && c <= 0xffe6)
        || (c >= 0x1f300 && c <= 0x1faff)
        || (c >= 0x20000 && c <= 0x3fffd);
  }

  /** The text, cut to some columns if it is longer. */
  public static String fit(String text, int columns, Style style) {
    if (width(text) <= columns) {
      return text;
    }
    String end = style.ellipsis();
    int room = columns - width(end);
    StringBuilder cut = new StringBuilder();
    for (int c : text.codePoints().toArray()) {
      if (width(c) > room) {
        break;
      }
      room -= width(c);
      cut.appendCodePoint(c);
    }
    return columns < width(end) ? ".".repeat(Math.max(0, columns)) : cut + end;
  }

  /**
   * The text on as many lines as it needs, broken at spaces; a word that has no room by itself,
   * after a comma or a dot, or else anywhere.
   */
  public static List<String> wrap(String text, int columns) {
    int room = Math.max(8, columns);
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (width(rest) > room) {
      int most = 0;
      for (int used = 0;
          most < rest.length();
          most += Character.charCount(rest.codePointAt(most))) {
        used += width(rest.codePointAt(most));
        if (used > room) {
          break;
        }
      }
      int end = rest.lastIndexOf(' ', most);
      if (end <= 0) {
        end = Math.max(rest.lastIndexOf(',', most - 1), rest.lastIndexOf('.', most - 1)) + 1;
      }
      end = end <= 0 ? most : end;
      lines.add(rest.substring(0, end).stripTrailing());
      rest = rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines;
  }

  /** The text with spaces behind it. */
  public static String left(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - width(text)));
  }

  /** The text with spaces before it. */
  public static String right(String text, int columns) {
    return " ".repeat(Math.max(0, columns - width(text))) + text;
  }
}
