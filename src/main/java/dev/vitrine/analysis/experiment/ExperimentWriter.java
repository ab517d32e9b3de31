package dev.vitrine.analysis.experiment;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes an experiment, and what is too large for its text into a file beside it. */
final class ExperimentWriter {
  private static final String ENDING = ".json";

  private final Batch run;
  private final Gpt2 model;
  private final Path file;
  private final String beside;
  private final List<Site> sites;
  private final boolean values;
  private final Consumer<Site> progress;
  private final @Nullable Continuation continuation;
  private final List<Edit> edits;
  private final EditsWriter writer;

  /**
   * @param continuation the last tokens of the one trace of a run, where they were generated
   */
  ExperimentWriter(
      Batch run,
      @Nullable Continuation continuation,
      Path file,
      Collection<Site> sites,
      boolean values,
      Consumer<Site> progress) {
    this.run = run;
    this.model = run.get(0).model();
    this.file = file;
    String name = String.valueOf(file.getFileName());
    if (!name.endsWith(ENDING)) {
      throw new IllegalArgumentException(file + ": the name of an experiment ends in " + ENDING);
    }
    this.beside = name.substring(0, name.length() - ENDING.length()) + ".safetensors";
    this.sites = Site.all(model.config()).stream().filter(sites::contains).toList();
    this.values = values;
    this.progress = progress;
    this.continuation = continuation;
    this.edits = run.get(0).edits();
    for (Trace trace : run) {
      if (!trace.edits().equals(edits)) {
        throw new IllegalArgumentException(
            "the traces have different edits: save those that were edited together");
      }
    }
    int added = continuation == null ? 0 : continuation.ids().size();
    List<Tokens> prompts =
        run.traces().stream()
            .map(Trace::tokens)
            .map(tokens -> tokens.first(tokens.size() - added))
            .toList();
    this.writer = new EditsWriter(model, prompts, edits);
  }

  void write() {
    byte[] text = text(); // names the tensors too
    writeTensors();
    Path part = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      Files.write(part, text);
      try {
        Replay replay = replay(part);
        if (!replay.isIdentical()) {
          throw new IllegalStateException(
              "%s: the run cannot be kept: its prompt and edits run from the start give another"
                      .formatted(file)
                  + " one ("
                  + replay
                  + "); keep traces that were edited together, before they are extended");
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": there is no such directory", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private Replay replay(Path part) {
    return Experiment.read(part).replay(model, progress);
  }

  // ---- the text

  private byte[] text() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes, JsonEncoding.UTF8)) {
      json.setPrettyPrinter(
          new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));
      json.writeStartObject();
      json.writeStringField("format", Experiment.FORMAT);
      json.writeStringField("model", model.name());
      json.writeStringField("model_hash", model.hash());
      json.writeStringField("weights", model.precision().toString());
      json.writeStringField("view", model.view().toString());
      json.writeStringField("backend", model.backend().name());
      json.writeStringField("precision", model.backend().isDouble() ? "f64" : "f32");
      if (continuation != null && !continuation.sampling().greedy()) {
        json.writeNumberField("seed", continuation.sampling().seed());
      } else {
        json.writeNullField("seed"); // nothing is drawn: a resampled source is kept as its tokens
      }
      tokens(json);
      json.writeFieldName("edits");
      json.writeRawValue(writer.text(edits, "  "));
      if (!writer.tensors().isEmpty()) {
        json.writeStringField("tensors", beside);
      }
      if (values) {
        json.writeStringField("values", beside);
      }
      if (continuation != null) {
        continuation.write(json, model);
      }
      hashes(json);
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never: it goes to memory
    }
    return bytes.toByteArray();
  }

  private void tokens(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("texts");
    for (Map.Entry<String, List<Tokens>> each : writer.tokens().entrySet()) {
      String[] texts = each.getValue().stream().map(Tokens::text).toArray(String[]::new);
      json.writeFieldName(each.getKey());
      json.writeArray(texts, 0, texts.length);
    }
    json.writeEndObject();
    json.writeObjectFieldStart("tokens");
    for (Map.Entry<String, List<Tokens>> each : writer.tokens().entrySet()) {
      json.writeArrayFieldStart(each.getKey());
      for (Tokens tokens : each.getValue()) {
        json.writeArray(tokens.ids(), 0, tokens.size());
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private void hashes(JsonGenerator json) throws IOException {
    List<Map<Site, SiteHash>> all =
        run.traces().stream().map(trace -> SiteHash.all(trace, sites, progress)).toList();
    each(json, "sites", all, SiteHash::hash);
    each(json, "marks", all, SiteHash::marks);
  }

  /** A field for each site: a text, or one for each of several prompts. */
  private void each(
      JsonGenerator json,
      String field,
      List<Map<Site, SiteHash>> all,
      Function<SiteHash, String> part)
      throws IOException {
    json.writeObjectFieldStart(field);
    for (Site site : sites) {
      String[] texts =
          all.stream()
              .map(hashes -> Objects.requireNonNull(hashes.get(site), site::toString))
              .map(part)
              .toArray(String[]::new);
      json.writeFieldName(site.name());
      if (texts.length == 1) {
        json.writeString(texts[0]);
      } else {
        json.writeArray(texts, 0, texts.length);
      }
    }
    json.writeEndObject();
  }

  // ---- beside it

  private void writeTensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>(writer.tensors());
    if (values) {
      for (int i = 0; i < run.size(); i++) {
        for (Map.Entry<Site, Tensor> each : run.get(i).tensors(sites).entrySet()) {
          tensors.put(Comparison.name(i, each.getKey().name()), each.getValue());
        }
      }
    }
    if (tensors.isEmpty()) {
      return;
    }
    try (SafetensorsWriter out = SafetensorsWriter.create(file.resolveSibling(beside))) {
      tensors.forEach((name, tensor) ->
          out.declare(
              name,
              tensor.isDouble() ? Dtype.F64 : Dtype.F32,
              tensor.dimensions().stream().mapToLong(d -> d.size()).toArray()));
      tensors.forEach((name, tensor) -> {
        if (tensor.elements() == 0) {
          return; // the loss of a single token
        }
        if (tensor.isDouble()) {
          out.write(name, tensor.doubles());
        } else {
          out.write(name, tensor.floats());
        }
      });
      out.finish();
    }
  }
}
