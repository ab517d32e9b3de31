package dev.vitrine.weights;

/**
 * Weights that cannot be read or written. The message is one line that says what is wrong, where,
 * and what to do.
 */
public final class WeightsException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** An error that this library found itself. */
  public WeightsException(String message) {
    super(oneLine(message));
  }

  /** An error that the machine reported. */
  public WeightsException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  /**
   * Names come from files that anyone may have written: no control character reaches a terminal.
   */
  private static String oneLine(String message) {
    StringBuilder line = new StringBuilder(message.length());
    message
        .codePoints()
        .forEach(c -> line.appendCodePoint(Character.isISOControl(c) || lineBreak(c) ? '?' : c));
    return line.toString();
  }

  private static boolean lineBreak(int c) {
    return c == 0x2028 || c == 0x2029;
  }
}
