package dev.vitrine.tensor.drawing.picture;

import java.util.Locale;

/** Text that can stand in XML and HTML. */
final class Xml {
  private Xml() {}

  /** With markup escaped, and what no XML document may contain replaced. */
  static String text(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> escaped.append("&amp;");
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '"' -> escaped.append("&quot;");
            case '\'' -> escaped.append("&#39;");
            default -> escaped.appendCodePoint(isAllowed(c) ? c : 0xfffd);
          }
        });
    return escaped.toString();
  }

  private static boolean isAllowed(int c) {
    boolean control = c < 0x20 && c != '\t' && c != '\n';
    boolean surrogate = c >= 0xd800 && c <= 0xdfff;
    return !control && !surrogate && c != 0xfffe && c != 0xffff;
  }

  /** A coordinate with at most two decimals. */
  static String number(double x) {
    String text = String.format(Locale.ROOT, "%.2f", x);
    return text.replaceAll("\\.?0+$", "");
  }

  /** A colour such as {@code #3a70ba}. */
  static String colour(int[] rgb) {
    return String.format(Locale.ROOT, "#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
  }
}
