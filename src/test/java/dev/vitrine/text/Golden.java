package dev.vitrine.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** The golden cases of the kinds that need no model: finds them and reads their JSON. */
public final class Golden {

  private Golden() {}

  /** The folders of all cases of a kind; at least one, or the copy is not complete. */
  public static List<Path> cases(String kind) {
    String set = System.getProperty("vitrine.golden");
    Path root = set != null ? Path.of(set) : Path.of("test/resources/golden");
    List<Path> found = new ArrayList<>();
    for (Json entry : json(root.resolve("manifest.json")).get("cases").items()) {
      Path folder = root.resolve(entry.get("case").text());
      if (json(folder.resolve("inputs.json")).get("kind").text().equals(kind)) {
        found.add(folder);
      }
    }
    if (found.isEmpty()) {
      throw new IllegalStateException(root + " has no case of kind " + kind);
    }
    return found;
  }

  /** A JSON file's value. */
  public static Json json(Path file) {
    try (JsonParser parser = new JsonFactory().createParser(Files.readString(file))) {
      parser.nextToken();
      return new Json(value(parser));
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  /** A value in a JSON file; what it is asked for, it must be. */
  public record Json(Object value) {

    /** Whether an object has a member of that name. */
    public boolean has(String name) {
      return ((Map<?, ?>) value).containsKey(name);
    }

    /** The member of that name. */
    public Json get(String name) {
      Object member = ((Map<?, ?>) value).get(name);
      if (member == null) {
        throw new NoSuchElementException(name);
      }
      return new Json(member);
    }

    /** The items of a list. */
    public List<Json> items() {
      List<Json> items = new ArrayList<>();
      for (Object item : (List<?>) value) {
        items.add(new Json(item));
      }
      return items;
    }

    /** A string. */
    public String text() {
      return (String) value;
    }

    /** A number. */
    public double number() {
      return ((Number) value).doubleValue();
    }

    /** A list of whole numbers. */
    public int[] ints() {
      return items().stream().mapToInt(item -> (int) item.number()).toArray();
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          object.put(name, value(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(value(parser));
        }
        yield array;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw new IOException("unexpected " + parser.currentToken());
    };
  }
}
