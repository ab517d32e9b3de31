package dev.vitrine.weights.convert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.vitrine.weights.bytes.Destination;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A file of one JSON object, whole or not there. */
final class ConfigFile {

  private ConfigFile() {}

  @FunctionalInterface
  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  static void write(Path file, Fields fields) {
    try (Destination destination = Destination.of(file)) {
      try (JsonGenerator json =
          new JsonFactory()
              .createGenerator(destination)
              .setPrettyPrinter(new DefaultPrettyPrinter())
              .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
        json.writeStartObject();
        fields.write(json);
        json.writeEndObject();
      } catch (IOException e) {
        throw new UncheckedIOException(e); // never: Destination throws none
      }
      destination.commit();
    }
  }
}
