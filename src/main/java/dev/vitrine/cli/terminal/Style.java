package dev.vitrine.cli.terminal;

/**
 * How text is drawn on a terminal: in colours or without, in Unicode or in ASCII.
 *
 * @param colour whether to use colours
 * @param unicode whether characters outside ASCII can be shown
 */
public record Style(boolean colour, boolean unicode) {
  private static final String EIGHTHS = "▏▎▍▌▋▊▉█";

  /** What a terminal can show. */
  public static Style of(Terminal terminal) {
    return new Style(terminal.colour(), terminal.unicode());
  }

  /** A heading. */
  public String heading(String text) {
    return paint("1", text);
  }

  /** What is beside the point. */
  public String faint(String text) {
    return paint("2", text);
  }

  /** What the eye should find first. */
  public String strong(String text) {
    return paint("1;36", text);
  }

  /** What speaks for something. */
  public String positive(String text) {
    return paint("34", text);
  }

  /** What speaks against something. */
  public String negative(String text) {
    return paint("31", text);
  }

  private String paint(String code, String text) {
    return colour && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  /** A bar that fills this share of some columns. */
  public String bar(double share, int columns) {
    double filled = Math.clamp(Double.isNaN(share) ? 0 : share, 0, 1) * columns;
    if (!unicode) {
      return "#".repeat((int) Math.round(filled));
    }
    int eighths = (int) Math.round(filled * 8);
    String end = eighths % 8 == 0 ? "" : EIGHTHS.substring(eighths % 8 - 1, eighths % 8);
    return "█".repeat(eighths / 8) + end;
  }

  /** What stands for something left out. */
  public String ellipsis() {
    return unicode ? "…" : "..";
  }

  /** What separates things on a line. */
  public String dot() {
    return unicode ? " · " : " - ";
  }

  /** A multiplication sign. */
  public String times() {
    return unicode ? "×" : "x";
  }
}
