package dev.vitrine.text;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * GPT-2's byte-level byte pair encoding, over its own vocabulary or another of the same kind. It
 * loses nothing: {@code decode(encode(text).ids())} is the text, but for surrogates without their
 * partner, which have no UTF-8 form and become U+FFFD.
 *
 * <p>Special tokens such as {@code <|endoftext|>} are ordinary text to {@link #encode}; only {@link
 * #encodeSpecial} makes ids of them. Nothing is ever added in front or behind.
 *
 * <p>A tokenizer is immutable and serves many threads. Its encoder is built when first used.
 */
public final class Tokenizer {

  private static final Tokenizer GPT2 =
      new Tokenizer(50257, Map.of(Vocabulary.END_OF_TEXT, 50256), null, WordPieces::r50k);

  private final int size;
  private final Map<String, Integer> special;
  private final @Nullable Vocabulary vocabulary;
  private final Supplier<WordPieces> words;

  private Tokenizer(
      int size,
      Map<String, Integer> special,
      @Nullable Vocabulary vocabulary,
      Supplier<WordPieces> loading) {
    this.size = size;
    this.special = special;
    this.vocabulary = vocabulary;
    this.words = new Once<>(loading);
  }

  private Tokenizer(Vocabulary vocabulary) {
    this(vocabulary.size(), vocabulary.special(), vocabulary, () -> WordPieces.of(vocabulary));
  }

  /** GPT-2's own: 50,257 tokens. Costs nothing until it is first used. */
  public static Tokenizer gpt2() {
    return GPT2;
  }

  /**
   * The tokenizer that lies beside a model's weights: {@code tokenizer.json}, or {@code vocab.json}
   * with {@code merges.txt}; empty when there is none.
   *
   * @throws TokenizerException when there is one and it is not GPT-2's kind, or cannot be read
   */
  public static Optional<Tokenizer> read(Path directory) {
    return readLater(directory).map(Supplier::get);
  }

  /**
   * The same, put off: the files are read, and understood when the tokenizer is first asked for.
   * GPT-2's take a tenth of a second, which who gives token ids need not wait for.
   *
   * @return what gives the tokenizer, always the same, or throws what {@link #read} does
   * @throws TokenizerException when there is one and its files cannot be read
   */
  public static Optional<Supplier<Tokenizer>> readLater(Path directory) {
    return VocabularyFiles.find(directory)
        .map(listing -> new Once<>(() -> new Tokenizer(Vocabulary.of(listing.get()))));
  }

  /**
   * A tokenizer from the contents of a {@code tokenizer.json}.
   *
   * @param source what messages call it
   * @throws TokenizerException when it is not GPT-2's kind, or cannot be read
   */
  public static Tokenizer of(String source, InputStream json) {
    byte[] content = VocabularyFiles.content(source, json);
    return new Tokenizer(Vocabulary.of(TokenizerJson.read(source, content)));
  }

  /**
   * A tokenizer from the contents of a {@code vocab.json} and its {@code merges.txt}.
   *
   * @param source what messages call the two
   * @throws TokenizerException when they are not GPT-2's kind, or cannot be read
   */
  public static Tokenizer of(String source, InputStream vocab, InputStream merges) {
    byte[] tokens = VocabularyFiles.content(source, vocab);
    byte[] pairs = VocabularyFiles.content(source, merges);
    return new Tokenizer(
        Vocabulary.of(VocabularyFiles.listing(source, source, tokens, source, pairs)));
  }

  /**
   * A tokenizer from a vocabulary that came by another way than files of its own, such as inside
   * GGUF.
   *
   * @param source what messages call it
   * @throws TokenizerException when it is not GPT-2's kind
   */
  public static Tokenizer of(String source, Spelling spelling) {
    return new Tokenizer(Vocabulary.of(spelling.listing(source)));
  }

  /** The tokens of a text, in which nothing is special. */
  public Tokens encode(String text) {
    return new Tokens(this, words().encode(text));
  }

  /**
   * The tokens of a text in which {@code <|endoftext|>}, say, stands for the token of that name.
   */
  public Tokens encodeSpecial(String text) {
    if (special.isEmpty()) {
      return encode(text);
    }
    Matcher matcher = specialPattern().matcher(text);
    IntStream.Builder ids = IntStream.builder();
    int from = 0;
    while (matcher.find()) {
      Arrays.stream(words().encode(text.substring(from, matcher.start()))).forEach(ids::add);
      ids.add(Objects.requireNonNull(special.get(matcher.group())));
      from = matcher.end();
    }
    Arrays.stream(words().encode(text.substring(from))).forEach(ids::add);
    return new Tokens(this, ids.build().toArray());
  }

  /** The longest name comes first, as one may begin another. */
  private Pattern specialPattern() {
    return Pattern.compile(
        special.keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(Pattern::quote)
            .collect(Collectors.joining("|")));
  }

  /** Tokens with these ids. */
  public Tokens tokens(int... ids) {
    for (int id : ids) {
      check(id);
    }
    return new Tokens(this, ids.clone());
  }

  /**
   * The text of some ids: their bytes joined and then decoded, as one character may lie across
   * several tokens. What is no UTF-8 becomes U+FFFD, one for each maximal invalid part.
   */
  public String decode(int... ids) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream(ids.length * 6);
    for (int id : ids) {
      joined.writeBytes(raw(id));
    }
    return Utf8.decode(joined.toByteArray());
  }

  /** The bytes of one token, which need not be UTF-8. */
  public byte[] bytes(int id) {
    return raw(id).clone();
  }

  /**
   * One token as a string, to be shown; U+FFFD stands for bytes that are only part of a character.
   */
  public String piece(int id) {
    return Utf8.decode(raw(id));
  }

  /** How many tokens there are; ids run from 0 to one less. */
  public int size() {
    return size;
  }

  /** The id of {@code <|endoftext|>}, where there is one. */
  public OptionalInt endOfText() {
    Integer id = special.get(Vocabulary.END_OF_TEXT);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * The id of the one token that a text is.
   *
   * @throws TokenizerException when it is none or several, naming them
   */
  public int single(String text) {
    Tokens tokens = encode(text);
    if (tokens.size() == 1) {
      return tokens.id(0);
    }
    if (tokens.size() == 0) {
      throw new TokenizerException("the empty text is no token");
    }
    String names =
        tokens.first(Math.min(8, tokens.size())).strings().stream()
            .map(Quote::of)
            .collect(Collectors.joining(", "));
    throw new TokenizerException(
        "%s is %d tokens, not one: %s%s"
            .formatted(Quote.of(text), tokens.size(), names, tokens.size() > 8 ? ", …" : ""));
  }

  private byte[] raw(int id) {
    check(id);
    if (vocabulary != null) {
      return vocabulary.bytes(id);
    }
    return special.containsValue(id)
        ? ByteAlphabet.literal(Vocabulary.END_OF_TEXT)
        : words().bytes(id);
  }

  private void check(int id) {
    if (id < 0 || id >= size) {
      throw new IllegalArgumentException("token id %d is not in 0 … %d".formatted(id, size - 1));
    }
  }

  private WordPieces words() {
    return words.get();
  }
}
