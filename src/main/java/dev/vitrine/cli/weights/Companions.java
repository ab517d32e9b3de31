package dev.vitrine.cli.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.model.ModelFiles;
import dev.vitrine.text.Spelling;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Destination;
import dev.vitrine.weights.convert.GgufExport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What belongs to a model besides its weights and configuration: above all its tokenizer. */
final class Companions {
  private static final List<String> NAMES =
      List.of(
          "tokenizer.json",
          "vocab.json",
          "merges.txt",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "generation_config.json");

  private static final int LARGEST = 64 << 20;

  private final String model;
  private final GgufExport.Vocabulary inside;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  private Companions(String model, ModelFiles opened) {
    this.model = model;
    this.inside = GgufExport.Vocabulary.of(opened.weights());
    for (String name : NAMES) {
      try (InputStream in = ModelFiles.beside(model, name).orElse(null)) {
        if (in != null) {
          byte[] content = in.readNBytes(LARGEST + 1);
          if (content.length > LARGEST) {
            throw new WeightsException(name + ": is too large to belong to a tokenizer");
          }
          files.put(name, content);
        }
      } catch (IOException e) {
        throw new WeightsException(name + ": cannot be read (" + e.getMessage() + ")", e);
      }
    }
    if (!inside.tokens().isEmpty()) {
      files.put("vocab.json", json(inside.tokens()));
      files.put(
          "merges.txt",
          ("#version: 0.2\n" + String.join("\n", inside.merges()) + "\n")
              .getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Reads those of a model.
   *
   * @param model its name
   */
  static Companions of(String model, ModelFiles opened) {
    return new Companions(model, opened);
  }

  private static byte[] json(List<String> tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      for (int id = 0; id < tokens.size(); id++) {
        json.writeNumberField(tokens.get(id), id);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never: it goes to memory
    }
    return bytes.toByteArray();
  }

  /** Their names. */
  List<String> names() {
    return new ArrayList<>(files.keySet());
  }

  /**
   * Writes them.
   *
   * @throws WeightsException if one cannot be written
   */
  void writeTo(Path folder) {
    files.forEach((name, content) -> {
      try (Destination destination = Destination.of(folder.resolve(name))) {
        destination.write(content, 0, content.length);
        destination.commit();
      }
    });
  }

  /**
   * The vocabulary as GGUF keeps it; {@link GgufExport.Vocabulary#NONE} if there is no tokenizer.
   */
  GgufExport.Vocabulary vocabulary() {
    if (!inside.tokens().isEmpty()) {
      return inside;
    }
    return spelling()
        .map(spelling -> new GgufExport.Vocabulary(spelling.tokens(), spelling.merges()))
        .orElse(GgufExport.Vocabulary.NONE);
  }

  private Optional<Spelling> spelling() {
    if (model.equals(ModelFiles.EMBEDDED)) {
      try (InputStream vocab = ModelFiles.beside(model, "vocab.json").orElseThrow();
          InputStream merges = ModelFiles.beside(model, "merges.txt").orElseThrow()) {
        return Optional.of(Spelling.read(model, vocab, merges));
      } catch (IOException e) {
        throw new WeightsException(model + ": cannot be read (" + e.getMessage() + ")", e);
      }
    }
    Path path = ModelFiles.locate(model).toAbsolutePath();
    Path folder = Files.isDirectory(path) ? path : path.getParent();
    return folder == null ? Optional.empty() : Spelling.read(folder);
  }
}
