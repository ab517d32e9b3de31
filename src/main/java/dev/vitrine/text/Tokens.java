package dev.vitrine.text;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of token ids that knows their strings. Immutable. Two are equal when their ids and
 * their strings are.
 */
public final class Tokens {

  private final Supplier<@Nullable Tokenizer> tokenizer;
  private final int[] ids;

  /** Takes the array as its own. */
  Tokens(@Nullable Tokenizer tokenizer, int[] ids) {
    this(() -> tokenizer, ids);
  }

  private Tokens(Supplier<@Nullable Tokenizer> tokenizer, int[] ids) {
    this.tokenizer = tokenizer;
    this.ids = ids;
  }

  /** Tokens of a model without a tokenizer: their strings are the ids as numbers. */
  public static Tokens ofIds(int... ids) {
    for (int id : ids) {
      if (id < 0) {
        throw new IllegalArgumentException("token id " + id + " is negative");
      }
    }
    return new Tokens(() -> null, ids.clone());
  }

  /**
   * Tokens whose strings nobody may ask for.
   *
   * @param tokenizer asked for when they are; gives the ids' strings if it has them all
   */
  public static Tokens ofIds(Supplier<Tokenizer> tokenizer, int... ids) {
    int[] own = ofIds(ids).ids;
    return new Tokens(() -> holds(tokenizer.get(), own) ? tokenizer.get() : null, own);
  }

  private static boolean holds(Tokenizer tokenizer, int[] ids) {
    return Arrays.stream(ids).allMatch(id -> id < tokenizer.size());
  }

  private @Nullable Tokenizer tokenizer() {
    return tokenizer.get();
  }

  /** How many there are. */
  public int size() {
    return ids.length;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return ids.length == 0;
  }

  /** The id at a position. */
  public int id(int position) {
    return ids[check(position)];
  }

  /** All ids; a copy. */
  public int[] ids() {
    return ids.clone();
  }

  /** The string at a position; U+FFFD in it stands for bytes that are only part of a character. */
  public String string(int position) {
    int id = id(position);
    Tokenizer known = tokenizer();
    return known == null ? Integer.toString(id) : known.piece(id);
  }

  /** All strings. */
  public List<String> strings() {
    return IntStream.range(0, ids.length).mapToObj(this::string).toList();
  }

  /** The text that the tokens spell; of a model without a tokenizer, the ids between spaces. */
  public String text() {
    Tokenizer known = tokenizer();
    return known == null ? String.join(" ", strings()) : known.decode(ids);
  }

  /** These, and then more ids of the same vocabulary. */
  public Tokens append(int... more) {
    Tokenizer known = tokenizer();
    return append(known == null ? ofIds(more) : known.tokens(more));
  }

  /** These, and then others of the same tokenizer. */
  public Tokens append(Tokens more) {
    if (more.tokenizer() != tokenizer()) {
      throw new IllegalArgumentException("the tokens to append belong to another tokenizer");
    }
    int[] all = Arrays.copyOf(ids, ids.length + more.ids.length);
    System.arraycopy(more.ids, 0, all, ids.length, more.ids.length);
    return new Tokens(tokenizer, all);
  }

  /** The first n. */
  public Tokens first(int n) {
    if (n < 0 || n > ids.length) {
      throw new IllegalArgumentException(
          "there are %d tokens, so the first %d cannot be taken".formatted(ids.length, n));
    }
    return new Tokens(tokenizer, Arrays.copyOf(ids, n));
  }

  private int check(int position) {
    if (position < 0 || position >= ids.length) {
      throw new IndexOutOfBoundsException(
          "position %d is not among %d tokens".formatted(position, ids.length));
    }
    return position;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Tokens that
        && Arrays.equals(ids, that.ids)
        && (tokenizer() == that.tokenizer() || strings().equals(that.strings()));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  /** The strings in quotes, each with its id. */
  @Override
  public String toString() {
    if (tokenizer() == null) {
      return Arrays.toString(ids);
    }
    return IntStream.range(0, ids.length)
        .mapToObj(i -> Quote.of(string(i)) + " " + ids[i])
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
