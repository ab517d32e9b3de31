package dev.vitrine.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.vitrine.text.Vocabulary.Listing;
import dev.vitrine.text.Vocabulary.Merge;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds and reads {@code tokenizer.json}, or {@code vocab.json} with {@code merges.txt}. */
final class VocabularyFiles {

  private static final String JSON = "tokenizer.json";
  private static final String VOCAB = "vocab.json";
  private static final String MERGES = "merges.txt";

  /** GPT-2's files have 0.5 to 2 MB. */
  private static final int LARGEST = 64 << 20;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Each token's name comes once: interning them all costs a fifth of the reading.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private VocabularyFiles() {}

  /**
   * The vocabulary in a directory, where there is one: its bytes are read, and parsed when asked.
   */
  static Optional<Supplier<Listing>> find(Path directory) {
    Path json = directory.resolve(JSON);
    if (Files.exists(json)) {
      byte[] content = content(json);
      return Optional.of(() -> TokenizerJson.read(json.toString(), content));
    }
    Path vocab = directory.resolve(VOCAB);
    Path merges = directory.resolve(MERGES);
    if (!Files.exists(vocab) && !Files.exists(merges)) {
      return Optional.empty();
    }
    if (!Files.exists(vocab) || !Files.exists(merges)) {
      String missing = Files.exists(vocab) ? MERGES : VOCAB;
      String there = Files.exists(vocab) ? VOCAB : MERGES;
      throw new TokenizerException(
          "%s: %s is there but %s is not: put it beside".formatted(directory, there, missing));
    }
    byte[] tokens = content(vocab);
    byte[] pairs = content(merges);
    return Optional.of(
        () -> listing(directory.toString(), vocab.toString(), tokens, merges.toString(), pairs));
  }

  private static byte[] content(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return content(file.toString(), in);
    } catch (IOException e) {
      throw new TokenizerException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** All that a stream holds; the caller closes it. */
  static byte[] content(String source, InputStream in) {
    try {
      byte[] content = in.readNBytes(LARGEST + 1);
      if (content.length > LARGEST) {
        throw new TokenizerException(
            "%s: more than %d MiB, which no vocabulary of GPT-2's kind needs"
                .formatted(source, LARGEST >> 20));
      }
      return content;
    } catch (IOException e) {
      throw new TokenizerException(source + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The listing of a {@code vocab.json} and a {@code merges.txt}. */
  static Listing listing(
      String source, String vocabSource, byte[] vocab, String mergesSource, byte[] merges) {
    try (JsonParser parser = FACTORY.createParser(vocab)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new TokenizerException(vocabSource + ": not a JSON object of tokens and ids");
      }
      Map<String, Integer> tokens = tokens(vocabSource, parser);
      if (parser.nextToken() != null) {
        throw new TokenizerException(vocabSource + ": something follows the JSON object");
      }
      return new Listing(source, tokens, merges(mergesSource, merges), Map.of());
    } catch (IOException e) {
      throw malformed(vocabSource, e);
    }
  }

  /** The tokens of an object whose first brace is read. */
  static Map<String, Integer> tokens(String source, JsonParser parser) throws IOException {
    Map<String, Integer> tokens = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String token = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new TokenizerException(
            "%s: token %s has no whole number for its id".formatted(source, Quote.of(token)));
      }
      tokens.put(token, parser.getIntValue());
    }
    return tokens;
  }

  private static List<Merge> merges(String source, byte[] content) {
    List<Merge> merges = new ArrayList<>();
    String text = utf8(source, content);
    int number = 1;
    for (int start = 0; start < text.length(); number++) {
      int end = text.indexOf('\n', start);
      end = end < 0 ? text.length() : end;
      int shown = end > start && text.charAt(end - 1) == '\r' ? end - 1 : end;
      // Only the first line is a comment: a merge may well start with "#".
      boolean comment = number == 1 && text.startsWith("#version");
      if (shown > start && !comment) {
        String line = text.substring(start, shown);
        Merge merge = merge(line);
        if (merge == null) {
          throw new TokenizerException(
              "%s, line %d: %s is not two tokens with one space between"
                  .formatted(source, number, Quote.of(line)));
        }
        merges.add(merge);
      }
      start = end + 1;
    }
    return merges;
  }

  /** Two tokens with a space between, which no token has in it; null where it is something else. */
  static @Nullable Merge merge(String line) {
    int space = line.indexOf(' ');
    if (space <= 0 || space == line.length() - 1 || line.indexOf(' ', space + 1) >= 0) {
      return null;
    }
    return new Merge(line.substring(0, space), line.substring(space + 1));
  }

  private static String utf8(String source, byte[] content) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new TokenizerException(source + ": not UTF-8: " + e.getMessage(), e);
    }
  }

  /** One line for what a parser of a whole file in memory can complain of. */
  static TokenizerException malformed(String source, IOException e) {
    String message = e.getMessage();
    String where = "";
    if (e instanceof JacksonException json) {
      message = json.getOriginalMessage();
      JsonLocation at = json.getLocation();
      where = at == null ? "" : ", line " + at.getLineNr() + ", column " + at.getColumnNr();
    }
    String line = String.valueOf(message).lines().findFirst().orElse("");
    return new TokenizerException(source + where + ": malformed JSON: " + line, e);
  }
}
