package dev.vitrine.cli.options;

import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokenizer;
import dev.vitrine.text.TokenizerException;
import java.io.PrintStream;
import java.util.Optional;

/** One token that stands behind a flag. */
public final class SingleToken {
  private SingleToken() {}

  /**
   * The id of a token by its text; where the model has no tokenizer the text is the id.
   *
   * @param flag that it stands behind
   * @throws IllegalArgumentException if it is none or several; says which, and what may be meant
   */
  public static int of(String flag, Gpt2 model, String text) {
    Optional<Tokenizer> tokenizer = model.tokenizer();
    if (tokenizer.isEmpty()) {
      return checked(flag, model, id(flag, text));
    }
    try {
      return tokenizer.get().single(text);
    } catch (TokenizerException e) {
      String spaced = " " + text;
      boolean meant = !text.isEmpty() && model.tokens(spaced).size() == 1;
      String remedy = meant ? "did you mean \"" + spaced + "\"?" : "give one";
      throw new IllegalArgumentException(flag + ": " + e.getMessage() + "; " + remedy, e);
    }
  }

  /**
   * The same for a token that may come next in a text, where most begin with a blank; says on
   * {@code notes} if it was left out and there is such a token too.
   */
  public static int next(String flag, Gpt2 model, String text, PrintStream notes) {
    int id = of(flag, model, text);
    boolean word = !text.isEmpty() && Character.isLetter(text.codePointAt(0));
    if (word && model.tokenizer().isPresent() && model.tokens(" " + text).size() == 1) {
      notes.printf(
          "vitrine: %s \"%s\" begins a text; within one it is \" %s\", another token%n",
          flag, text, text);
    }
    return id;
  }

  /**
   * An id that the model has.
   *
   * @throws IllegalArgumentException if it has not; says which it has
   */
  public static int checked(String flag, Gpt2 model, int id) {
    int vocab = model.config().vocab();
    if (id < 0 || id >= vocab) {
      throw new IllegalArgumentException(
          "%s: token id %d is not in 0 … %d".formatted(flag, id, vocab - 1));
    }
    return id;
  }

  private static int id(String flag, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the model has no tokenizer: %s takes a token's id, not \"%s\"".formatted(flag, text), e);
    }
  }
}
