package dev.vitrine.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.vitrine.text.Vocabulary.Listing;
import dev.vitrine.text.Vocabulary.Merge;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code tokenizer.json} of Hugging Face's tokenizers, and refuses what GPT-2's encoder
 * does not do: another model than BPE, another division into words, a normalizer, a prefix space.
 * What is put around a text (its post-processor) is not read: nothing is added here unless asked.
 */
final class TokenizerJson {

  /** The same division into words as it is commonly written. */
  private static final Set<String> WORDS =
      Set.of(
          WordPieces.WORDS,
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++|"
              + " ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s");

  private final String source;
  private final Map<String, Integer> added = new LinkedHashMap<>();
  private @Nullable Map<String, Integer> tokens;
  private @Nullable List<Merge> merges;

  private TokenizerJson(String source) {
    this.source = source;
  }

  static Listing read(String source, byte[] content) {
    try (JsonParser parser = VocabularyFiles.FACTORY.createParser(content)) {
      return new TokenizerJson(source).read(parser);
    } catch (IOException e) {
      throw VocabularyFiles.malformed(source, e);
    }
  }

  private Listing read(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw error("not a JSON object");
    }
    boolean divided = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "normalizer" -> checkNormalizer(value(parser));
        case "pre_tokenizer" -> {
          checkWords(value(parser));
          divided = true;
        }
        case "added_tokens" -> readAdded(value(parser));
        case "model" -> readModel(parser);
        default -> parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      throw error("something follows the JSON object");
    }
    if (!divided) {
      checkWords(null);
    }
    if (tokens == null || merges == null) {
      throw error("no model with a vocab and merges");
    }
    return new Listing(source, tokens, merges, added);
  }

  private void readModel(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw error("its model is no object");
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      if (name.equals("vocab") && token == JsonToken.START_OBJECT) {
        tokens = VocabularyFiles.tokens(source, parser);
      } else if (name.equals("merges") && token == JsonToken.START_ARRAY) {
        merges = readMerges(parser);
      } else {
        checkModel(name, value(parser));
      }
    }
  }

  private void checkModel(String name, @Nullable Object value) {
    boolean supported =
        switch (name) {
          case "type" -> "BPE".equals(value);
          case "vocab", "merges" -> false;
          case "dropout" -> value == null || (value instanceof Number n && n.doubleValue() == 0);
          case "continuing_subword_prefix", "end_of_word_suffix" ->
              value == null || "".equals(value);
          case "byte_fallback", "ignore_merges" -> value == null || Boolean.FALSE.equals(value);
          default -> true; // with all bytes in the vocabulary nothing is unknown
        };
    if (!supported) {
      throw error("its model has %s = %s, which is not GPT-2's".formatted(name, shown(value)));
    }
  }

  /** Each is "left right", or of late ["left", "right"]. */
  private List<Merge> readMerges(JsonParser parser) throws IOException {
    List<Merge> read = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Object value = value(parser);
      Merge merge = null;
      if (value instanceof String line) {
        merge = VocabularyFiles.merge(line);
      } else if (value instanceof List<?> pair
          && pair.size() == 2
          && pair.get(0) instanceof String left
          && pair.get(1) instanceof String right) {
        merge = new Merge(left, right);
      }
      if (merge == null) {
        throw error("merge %d is not two tokens: %s".formatted(read.size() + 1, shown(value)));
      }
      read.add(merge);
    }
    return read;
  }

  private void readAdded(@Nullable Object value) {
    if (value == null) {
      return;
    }
    if (!(value instanceof List<?> list)) {
      throw error("its added_tokens are no list");
    }
    for (Object item : list) {
      if (!(item instanceof Map<?, ?> token)
          || !(token.get("content") instanceof String content)
          || !(token.get("id") instanceof Integer id)
          || content.isEmpty()) {
        throw error("an added token lacks its id or its content");
      }
      for (String flag : List.of("lstrip", "rstrip", "single_word")) {
        if (Boolean.TRUE.equals(token.get(flag))) {
          throw error(
              "added token %s has %s, which is not GPT-2's".formatted(shown(content), flag));
        }
      }
      if (added.put(content, id) != null) {
        throw error("token " + shown(content) + " is added twice");
      }
    }
  }

  private void checkNormalizer(@Nullable Object value) {
    if (value != null) {
      throw error("it normalizes text (%s), which GPT-2's does not".formatted(type(value)));
    }
  }

  /** ByteLevel with its own pattern, or the pattern spelt out and then ByteLevel without one. */
  private void checkWords(@Nullable Object value) {
    if (value instanceof Map<?, ?> step
        && "Sequence".equals(step.get("type"))
        && step.get("pretokenizers") instanceof List<?> steps
        && steps.size() == 2) {
      checkSplit(steps.get(0));
      checkByteLevel(steps.get(1), false);
    } else {
      checkByteLevel(value, true);
    }
  }

  private void checkSplit(@Nullable Object value) {
    boolean gpt2 =
        value instanceof Map<?, ?> step
            && "Split".equals(step.get("type"))
            && step.get("pattern") instanceof Map<?, ?> pattern
            && pattern.get("Regex") instanceof String regex
            && WORDS.contains(regex)
            && ("Isolated".equals(step.get("behavior"))
                ? !Boolean.TRUE.equals(step.get("invert"))
                : "Removed".equals(step.get("behavior"))
                    && Boolean.TRUE.equals(step.get("invert")));
    if (!gpt2) {
      throw error("its pre-tokenizer does not divide text into words as GPT-2's does");
    }
  }

  private void checkByteLevel(@Nullable Object value, boolean regex) {
    if (!(value instanceof Map<?, ?> step) || !"ByteLevel".equals(step.get("type"))) {
      throw error("its pre-tokenizer is %s; GPT-2's is ByteLevel".formatted(type(value)));
    }
    if (!Boolean.FALSE.equals(step.get("add_prefix_space"))) {
      throw error("its pre-tokenizer adds a space in front (add_prefix_space), GPT-2's does not");
    }
    if (Boolean.FALSE.equals(step.get("use_regex")) == regex) {
      throw error("its pre-tokenizer does not divide text into words as GPT-2's does");
    }
  }

  /** Any value as a map, list, string, number, boolean or null; repeated names are refused. */
  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          object.put(name, value(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<@Nullable Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(value(parser));
        }
        yield array;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static String type(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? shown(map.get("type")) : shown(value);
  }

  private static String shown(@Nullable Object value) {
    return value instanceof String text
        ? Quote.of(text)
        : value == null
            ? "none"
            : value instanceof Map || value instanceof List ? "…" : value.toString();
  }

  private TokenizerException error(String message) {
    return new TokenizerException(source + ": " + message);
  }
}
