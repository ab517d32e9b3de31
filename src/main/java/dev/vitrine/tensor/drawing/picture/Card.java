package dev.vitrine.tensor.drawing.picture;

import dev.vitrine.tensor.drawing.Ink;

/** The card that every picture is drawn on: it stands alone, and is read on light and on dark. */
public final class Card {
  private static final double MARGIN = 16;

  private static final String STYLE =
      """
      <style>
      .vitrine .b{fill:#ffffff;stroke:#d5dae1}
      .vitrine .e{fill:#e3e7ed}
      .vitrine .n{fill:#e5399b}
      .vitrine .i{fill:#000000}
      .vitrine .m{fill:#d9dce1}
      .vitrine text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
      .vitrine .t{font-size:11px;fill:#2b323b}
      .vitrine .a{font-size:10px;fill:#7a838f;font-style:italic}
      .vitrine .c{font-size:12px;fill:#2b323b;font-weight:600}
      .vitrine .h{font-size:13px;fill:#11161c;font-weight:600}
      .vitrine .r{text-anchor:end}
      .vitrine .o{text-anchor:middle}
      .vitrine g rect[fill]:hover{stroke:#e5399b;stroke-width:1.5}
      @media (prefers-color-scheme:dark){
      .vitrine .b{fill:#161b22;stroke:#343c47}
      .vitrine .e{fill:#3a424d}
      .vitrine .i{fill:#ffffff}
      .vitrine .m{fill:#2a3038}
      .vitrine .t,.vitrine .c{fill:#d3dae3}
      .vitrine .a{fill:#8b95a1}
      .vitrine .h{fill:#f0f4f8}
      }
      </style>
      """;

  private Card() {}

  /** The whole document: a title, and whatever is drawn below it. */
  public static String of(String title, double width, double height, CharSequence body) {
    String w = Xml.number(Math.ceil(width));
    String h = Xml.number(Math.ceil(height));
    StringBuilder svg = new StringBuilder();
    svg.append(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"vitrine\" width=\""
                + w
                + "\" height=\""
                + h
                + "\"")
        .append(" viewBox=\"0 0 " + w + " " + h + "\" role=\"img\">\n")
        .append("<title>" + Xml.text(title) + "</title>\n")
        .append(STYLE)
        .append("<rect class=\"b\" x=\"0.5\" y=\"0.5\" rx=\"8\" width=\"")
        .append(Xml.number(Math.ceil(width) - 1))
        .append("\" height=\"")
        .append(Xml.number(Math.ceil(height) - 1))
        .append("\"/>\n");
    line(svg, "h", MARGIN, MARGIN + 11, title);
    return svg.append(body).append("</svg>\n").toString();
  }

  /**
   * Adds a line of text.
   *
   * @param style {@code t} for text, {@code a} for an axis, {@code h} for a heading; with {@code r}
   *     it ends at {@code x}, with {@code o} it is centred there
   */
  public static void line(StringBuilder svg, String style, double x, double y, String text) {
    svg.append("<text class=\"" + style + "\" x=\"" + Xml.number(x) + "\" y=\"" + Xml.number(y))
        .append("\">" + Xml.text(text) + "</text>\n");
  }

  /** A text as it can stand in a picture. */
  public static String escaped(String text) {
    return Xml.text(text);
  }

  /** A coordinate with at most two decimals. */
  public static String number(double x) {
    return Xml.number(x);
  }

  /** The colour of a share of a scale, from -1 to 1; see {@link Ink}. */
  public static String colour(double share) {
    return Xml.colour(Ink.rgb(share));
  }
}
