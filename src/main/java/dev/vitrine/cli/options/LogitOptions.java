package dev.vitrine.cli.options;

import dev.vitrine.model.Gpt2;
import java.io.PrintStream;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which logit, or which difference of two, is asked about. */
public final class LogitOptions {
  @Option(
      names = "--token",
      paramLabel = "TEXT",
      description =
          "The token whose logit it is, in quotes with its blank: \" Mary\"; by default the one"
              + " predicted.")
  private @Nullable String token;

  @Option(names = "--token-id", paramLabel = "ID", description = "The same, by its id.")
  private @Nullable Integer tokenId;

  @Option(
      names = "--minus",
      paramLabel = "TEXT",
      description = "Take this token's logit away: explain the difference of the two.")
  private @Nullable String minus;

  @Option(names = "--minus-id", paramLabel = "ID", description = "The same, by its id.")
  private @Nullable Integer minusId;

  /** For picocli. */
  public LogitOptions() {}

  /**
   * The token, and the one that it is compared with.
   *
   * @param token whose logit it is
   * @param against whose logit is taken away, if one is
   */
  public record Question(int token, OptionalInt against) {}

  /**
   * Checks what can be checked without a model.
   *
   * @throws UsageException if a token is named twice
   */
  public void check() {
    if (token != null && tokenId != null) {
      throw new UsageException("--token and --token-id both name the token: give one");
    }
    if (minus != null && minusId != null) {
      throw new UsageException("--minus and --minus-id both name a token: give one");
    }
  }

  /**
   * What is asked.
   *
   * @param predicted the token that it is about where none is named
   * @param notes is told of a token that may not be the one that was meant
   * @throws IllegalArgumentException if a token is not one, or is compared with itself
   */
  public Question question(Gpt2 model, int predicted, PrintStream notes) {
    OptionalInt named = id("--token", model, token, tokenId, notes);
    OptionalInt against = id("--minus", model, minus, minusId, notes);
    int asked = named.orElse(predicted);
    if (against.isPresent() && against.getAsInt() == asked) {
      throw new IllegalArgumentException(
          "--minus \"%s\" is the very token that is asked about: name another, or another --token"
              .formatted(model.piece(asked)));
    }
    return new Question(asked, against);
  }

  private static OptionalInt id(
      String flag, Gpt2 model, @Nullable String text, @Nullable Integer id, PrintStream notes) {
    if (text != null) {
      return OptionalInt.of(SingleToken.next(flag, model, text, notes));
    }
    return id == null
        ? OptionalInt.empty()
        : OptionalInt.of(SingleToken.checked(flag + "-id", model, id));
  }
}
