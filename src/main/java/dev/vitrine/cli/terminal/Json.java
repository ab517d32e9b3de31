package dev.vitrine.cli.terminal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.vitrine.text.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.OptionalDouble;

/**
 * Writes a command's JSON to standard output. JSON has no infinities and no NaN: these are the
 * strings {@code "Infinity"}, {@code "-Infinity"} and {@code "NaN"}, in every verb. What is not
 * there at all is {@code null}.
 */
public final class Json {
  private Json() {}

  /** Writes JSON with a generator. */
  @FunctionalInterface
  public interface Content {
    /** Writes it. */
    void write(JsonGenerator json) throws IOException;
  }

  /** The field {@code tokens}: a list of {@code {id, token}}. */
  public static void tokens(JsonGenerator json, Tokens tokens) throws IOException {
    json.writeArrayFieldStart("tokens");
    for (int i = 0; i < tokens.size(); i++) {
      json.writeStartObject();
      json.writeNumberField("id", tokens.id(i));
      json.writeStringField("token", tokens.string(i));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** A number; as a string where it is infinite or NaN. */
  public static void number(JsonGenerator json, String field, double value) throws IOException {
    json.writeFieldName(field);
    number(json, value);
  }

  /** A number, or null where there is none. */
  public static void number(JsonGenerator json, String field, OptionalDouble value)
      throws IOException {
    if (value.isPresent()) {
      number(json, field, value.getAsDouble());
    } else {
      json.writeNullField(field);
    }
  }

  /** The same without a field. */
  public static void number(JsonGenerator json, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeString(Double.toString(value));
    }
  }

  /** A number in the fewest digits: of a float, a float's, which are fewer than a double's. */
  public static void shortest(JsonGenerator json, double value) throws IOException {
    if (Double.isFinite(value) && value == (float) value) {
      json.writeNumber((float) value);
    } else {
      number(json, value);
    }
  }

  /** Writes one object; the content writes its fields. */
  public static void print(Terminal terminal, Content content) {
    try (JsonGenerator json = new JsonFactory().createGenerator(terminal.out())) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      if (!terminal.unicode()) {
        json.setHighestNonEscapedChar(127);
      }
      json.writeStartObject();
      content.write(json);
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
