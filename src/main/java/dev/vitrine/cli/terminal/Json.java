package dev.vitrine.cli.terminal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.vitrine.text.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes a command's JSON to standard output. */
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

  /** A number, or null where it is infinite or none, which JSON has not. */
  public static void number(JsonGenerator json, String field, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField(field, value);
    } else {
      json.writeNullField(field);
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
