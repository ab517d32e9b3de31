package dev.vitrine.weights.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object, read strictly: UTF-8 only, no key twice, nothing after it, shallow.
 *
 * <p>The getters say in one line which key of which file is not what it should be.
 */
public final class JsonObject {

  /** The largest {@link #count}: so large that sums and small multiples of it cannot overflow. */
  public static final int MAX_COUNT = 1 << 24;

  private static final int DEPTH = 32;
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH)
                  .maxNumberLength(400)
                  .maxStringLength(1 << 26)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Names come from strangers: they are not kept in a table that outlives the parser.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final String origin;
  private final String path;
  private final SequencedMap<String, Object> values;

  private JsonObject(String origin, String path, SequencedMap<String, Object> values) {
    this.origin = origin;
    this.path = path;
    this.values = values;
  }

  /** Stands for {@code null}, so that a key that is there can be told from one that is not. */
  private enum Null {
    NULL
  }

  /**
   * Parses one object.
   *
   * @param origin the name to use in messages
   * @throws WeightsException if it is no such object
   */
  public static JsonObject parse(String origin, byte[] utf8) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new WeightsException(origin + ": is not valid UTF-8, so not JSON", e);
    }
    if (!text.isBlank() && !text.stripLeading().startsWith("{")) {
      String line = text.strip().lines().findFirst().orElseThrow();
      String brief = line.length() > 30 ? line.substring(0, 30) + "…" : line;
      throw new WeightsException(
          origin + ": is not a JSON object, which begins with {: it begins with \"" + brief + "\"");
    }
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new WeightsException(origin + ": is not a JSON object");
      }
      SequencedMap<String, Object> values = object(parser);
      if (parser.nextToken() != null) {
        throw new WeightsException(origin + ": has something after the JSON object");
      }
      return new JsonObject(origin, "", values);
    } catch (JsonProcessingException e) {
      throw new WeightsException(origin + ": is broken JSON: " + describe(e), e);
    } catch (IOException e) {
      throw new WeightsException(origin + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static String describe(JsonProcessingException e) {
    String message = e.getOriginalMessage().replaceAll("\\[Source: [^;]*; ", "[");
    String line = message.lines().findFirst().orElse("");
    String brief = line.length() > 200 ? line.substring(0, 200) + "…" : line;
    return e.getLocation() == null
        ? brief
        : "%s (line %d, column %d)"
            .formatted(brief, e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  // Recursive, but no deeper than DEPTH.
  private static SequencedMap<String, Object> object(JsonParser parser) throws IOException {
    SequencedMap<String, Object> values = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      values.put(key, value(parser));
    }
    return values;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? (Object) parser.getDoubleValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> Null.NULL;
    };
  }

  /** The file that it was read from, for messages. */
  public String origin() {
    return origin;
  }

  /** The keys, in the order of the file. */
  public Iterable<String> keys() {
    return Collections.unmodifiableSequencedMap(values).keySet();
  }

  /** Whether the key is there with another value than null. */
  public boolean has(String key) {
    return get(key) != null;
  }

  private @Nullable Object get(String key) {
    Object value = values.get(key);
    return value == Null.NULL ? null : value;
  }

  /** The text of a key, or empty if it is not there or null. */
  public Optional<String> text(String key) {
    Object value = get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    throw wrong(key, value, "a string");
  }

  /** The truth of a key, or {@code otherwise} if it is not there or null. */
  public boolean flag(String key, boolean otherwise) {
    Object value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, value, "true or false");
  }

  /** The number of a key, or {@code otherwise} if it is not there or null. */
  public double number(String key, double otherwise) {
    Object value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw wrong(key, value, "a number");
  }

  /** The integer of a key, or empty if it is not there or null. */
  public OptionalInt integer(String key) {
    Object value = get(key);
    if (value == null) {
      return OptionalInt.empty();
    }
    if (value instanceof Long number && number == number.intValue()) {
      return OptionalInt.of(number.intValue());
    }
    throw wrong(key, value, "an integer of 32 bits");
  }

  /**
   * The integer of a key that must be there, at least 1 and at most {@value #MAX_COUNT}.
   *
   * @throws WeightsException if it is not
   */
  public int count(String key) {
    OptionalInt value = integer(key);
    if (value.isEmpty()) {
      throw new WeightsException(origin + ": has no '" + path + key + "'; it is needed");
    }
    if (value.getAsInt() < 1 || value.getAsInt() > MAX_COUNT) {
      throw wrong(key, value.getAsInt(), "between 1 and " + MAX_COUNT);
    }
    return value.getAsInt();
  }

  /** The object of a key, or empty if it is not there or null. */
  public Optional<JsonObject> object(String key) {
    Object value = get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof Map<?, ?>)) {
      throw wrong(key, value, "an object");
    }
    @SuppressWarnings("unchecked") // object() made it
    SequencedMap<String, Object> inner = (SequencedMap<String, Object>) value;
    return Optional.of(new JsonObject(origin, path + key + ".", inner));
  }

  /** The list of objects of a key that must be there. */
  public List<JsonObject> objects(String key) {
    Object value = get(key);
    if (!(value instanceof List<?> list)) {
      throw wrong(key, value, "a list of objects");
    }
    List<JsonObject> objects = new ArrayList<>(list.size());
    for (Object item : list) {
      if (!(item instanceof Map<?, ?>)) {
        throw wrong(key, value, "a list of objects");
      }
      @SuppressWarnings("unchecked") // object() made it
      SequencedMap<String, Object> inner = (SequencedMap<String, Object>) item;
      objects.add(new JsonObject(origin, path + key + "[" + objects.size() + "].", inner));
    }
    return Collections.unmodifiableList(objects);
  }

  /** The list of integers of a key that must be there. */
  public List<Long> longs(String key) {
    Object value = get(key);
    if (!(value instanceof List<?> list)) {
      throw wrong(key, value, "a list of integers");
    }
    List<Long> longs = new ArrayList<>(list.size());
    for (Object item : list) {
      if (!(item instanceof Long number)) {
        throw wrong(key, value, "a list of integers");
      }
      longs.add(number);
    }
    return Collections.unmodifiableList(longs);
  }

  /** The integers of a key that must be there: a list of them, or one by itself. */
  public List<Long> oneOrMore(String key) {
    return get(key) instanceof Long number ? List.of(number) : longs(key);
  }

  /** The list of numbers of a key that must be there. */
  public List<Double> numbers(String key) {
    Object value = get(key);
    if (!(value instanceof List<?> list) || !list.stream().allMatch(Number.class::isInstance)) {
      throw wrong(key, value, "a list of numbers");
    }
    return list.stream().map(number -> ((Number) number).doubleValue()).toList();
  }

  /** The lists of integers of a key that must be there. */
  public List<List<Long>> rows(String key) {
    Object value = get(key);
    if (!(value instanceof List<?> list)) {
      throw wrong(key, value, "a list of lists of integers");
    }
    List<List<Long>> rows = new ArrayList<>(list.size());
    for (Object item : list) {
      SequencedMap<String, Object> row = new LinkedHashMap<>();
      row.put(key, item);
      rows.add(new JsonObject(origin, path, row).longs(key));
    }
    return Collections.unmodifiableList(rows);
  }

  /** The texts of a key that must be there: a list of them, or one by itself. */
  public List<String> texts(String key) {
    Object value = get(key);
    if (value instanceof String text) {
      return List.of(text);
    }
    if (!(value instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
      throw wrong(key, value, "a list of strings");
    }
    return list.stream().map(String.class::cast).toList();
  }

  /** Whether the value of a key is a string. */
  public boolean isText(String key) {
    return get(key) instanceof String;
  }

  private WeightsException wrong(String key, @Nullable Object value, String wanted) {
    String shown = String.valueOf(value);
    String brief = shown.length() > 60 ? shown.substring(0, 60) + "…" : shown;
    return new WeightsException(
        origin + ": '" + path + key + "' is " + brief + " instead of " + wanted);
  }
}
