package dev.vitrine.cli.experiment;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.experiment.Experiment;
import dev.vitrine.analysis.experiment.Replay;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Progress;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Difference;
import dev.vitrine.text.Tokens;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Runs a saved experiment again. */
@Command(
    name = "replay",
    description =
        "Run an experiment that ablate --save or generate --save kept, and compare its tokens and"
            + " every site that it kept.",
    footer = {
      "",
      "Model, view and precision are the file's; --model names",
      "another place of the same weights. cuda, simd and scalar",
      "compute the same bits: any of them may do it; what was",
      "saved with another backend is replayed with that one.",
      "Prints \"identical, N sites\", or the first tensor that",
      "differs; then the exit code is 1.",
      "",
      "--json:",
      "  file, identical, sites,",
      "  different    [site], in the order of computation",
      "  first        null or {site, prompt, place, at: {axis: index},",
      "               saved, now}; place: the positions and heads in",
      "               which it differs; at, saved and now only where",
      "               the file keeps values",
      "  continued    null, or of a generation {tokens, identical,",
      "               first: null or {place, saved, now}}: the first",
      "               new token that differs, as ids or null",
      "  version, model, model_hash, backend, view,",
      "  seed         null: nothing is drawn"
    })
public final class ReplayVerb implements Verb {
  @Parameters(paramLabel = "FILE", arity = "0..1", description = "What --save wrote.")
  private String file = "";

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public ReplayVerb() {}

  @Override
  public int run(Terminal terminal) {
    model.check();
    Experiment experiment = Experiment.read(path());
    model.otherwise(
        experiment.model(),
        experiment.replayedWith(),
        experiment.view().toString(),
        experiment.weights());
    try (Gpt2 loaded = model.load(terminal.err())) {
      if (!loaded.view().equals(experiment.view())) {
        throw new IllegalArgumentException(
            "%s: was saved in the view %s, which replay takes by itself: leave --view out"
                .formatted(file, experiment.view()));
      }
      Replay replay;
      try (Progress progress = new Progress("replay", experiment.comparisons(), terminal)) {
        replay = experiment.replay(loaded, site -> progress.step());
      }
      if (output.json()) {
        Json.print(terminal, json -> write(json, replay, loaded));
      } else {
        terminal.line(replay.toString());
      }
      return replay.isIdentical() ? 0 : 1;
    }
  }

  private Path path() {
    if (file.isEmpty()) {
      throw new UsageException(
          "no file: name an experiment that ablate or generate --save FILE wrote");
    }
    try {
      return Path.of(file);
    } catch (InvalidPathException e) {
      throw new UsageException(file + " is no path: " + e.getReason());
    }
  }

  private void write(JsonGenerator json, Replay replay, Gpt2 loaded) throws IOException {
    json.writeStringField("file", file);
    json.writeBooleanField("identical", replay.isIdentical());
    json.writeNumberField("sites", replay.sites());
    json.writeArrayFieldStart("different");
    for (String site : replay.different().stream().map(Object::toString).toList()) {
      json.writeString(site);
    }
    json.writeEndArray();
    Optional<Replay.First> first = replay.first();
    if (first.isEmpty()) {
      json.writeNullField("first");
    } else {
      write(json, first.get());
    }
    if (replay.continued().isEmpty()) {
      json.writeNullField("continued");
    } else {
      write(json, replay.continued().get());
    }
    model.writeProvenance(json, loaded);
    json.writeNullField("seed");
  }

  private static void write(JsonGenerator json, Replay.Continued tokens) throws IOException {
    json.writeObjectFieldStart("continued");
    json.writeNumberField("tokens", tokens.saved().size());
    json.writeBooleanField("identical", tokens.isIdentical());
    if (tokens.isIdentical()) {
      json.writeNullField("first");
    } else {
      json.writeObjectFieldStart("first");
      json.writeNumberField("place", tokens.first());
      id(json, "saved", tokens.saved(), tokens.first());
      id(json, "now", tokens.now(), tokens.first());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void id(JsonGenerator json, String field, Tokens tokens, int place)
      throws IOException {
    if (place < tokens.size()) {
      json.writeNumberField(field, tokens.id(place));
    } else {
      json.writeNullField(field);
    }
  }

  private static void write(JsonGenerator json, Replay.First first) throws IOException {
    json.writeObjectFieldStart("first");
    json.writeStringField("site", first.site().name());
    json.writeNumberField("prompt", first.prompt());
    json.writeStringField("place", first.place().orElse(null));
    for (Difference element : first.element().stream().toList()) {
      json.writeObjectFieldStart("at");
      for (int i = 0; i < element.axes().size(); i++) {
        json.writeNumberField(element.axes().get(i).toString(), element.indices().get(i));
      }
      json.writeEndObject();
      Json.number(json, "saved", element.left());
      Json.number(json, "now", element.right());
    }
    json.writeEndObject();
  }
}
