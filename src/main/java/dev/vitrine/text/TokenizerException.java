package dev.vitrine.text;

/**
 * Vocabulary files that are no vocabulary of GPT-2's kind, or a text that is not what was asked
 * for. The message is one line that says what is wrong, where, and what to do.
 */
public final class TokenizerException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TokenizerException(String message) {
    super(message);
  }

  TokenizerException(String message, Throwable cause) {
    super(message, cause);
  }
}
