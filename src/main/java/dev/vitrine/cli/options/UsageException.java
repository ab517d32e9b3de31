package dev.vitrine.cli.options;

/** The command line alone is wrong; the message is one line that says what to do. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With what to do. */
  public UsageException(String message) {
    super(message);
  }
}
