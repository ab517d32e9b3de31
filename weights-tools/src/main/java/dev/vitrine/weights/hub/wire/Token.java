package dev.vitrine.weights.hub.wire;

import dev.vitrine.weights.WeightsException;

/** A secret that opens private models. It can be sent, but not printed. */
public final class Token {

  private final String secret;

  private Token(String secret) {
    this.secret = secret;
  }

  /**
   * A token as it stands in a variable or a file.
   *
   * @param source where it stands, for messages
   * @throws WeightsException if it cannot be a token; the message does not show it
   */
  public static Token of(String source, String text) {
    String secret = text.strip();
    if (secret.isEmpty() || secret.length() > 4096 || !secret.chars().allMatch(Token::visible)) {
      throw new WeightsException(
          source + ": does not hold a token (one word of visible ASCII); correct or remove it");
    }
    return new Token(secret);
  }

  private static boolean visible(int c) {
    return c > ' ' && c < 0x7f;
  }

  /** The value of the header {@code Authorization}. */
  String header() {
    return "Bearer " + secret;
  }

  @Override
  public String toString() {
    return "Token[hidden]";
  }
}
