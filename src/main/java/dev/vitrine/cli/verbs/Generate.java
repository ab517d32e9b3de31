package dev.vitrine.cli.verbs;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.experiment.Experiment;
import dev.vitrine.cli.edit.EditOptions;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.SamplingOptions;
import dev.vitrine.cli.options.SaveOptions;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.generate.Generation;
import dev.vitrine.generate.Sampling;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokenizer;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Continues a text. */
@Command(
    name = "generate",
    description = "Continue a text, token by token.",
    footer = {
      "",
      "--save keeps prompt, edits, settings, the tokens chosen and a hash of every site: replay",
      "FILE chooses the tokens again, and says whether all is the same to the bit.",
      "Edits stay active while the text goes on; positions that they name by number stay those.",
      "--json: {\"prompt\", \"prompt_ids\": [id], \"ids\": [id], \"text\", \"reason\": \"max_new\""
          + " | \"stop_token\" | \"context_end\", \"greedy\", \"seed\", \"edits\", \"version\","
          + " \"model\", \"model_hash\", \"backend\", \"view\", \"saved\"}; \"ids\" and \"text\""
          + " are what was added."
    })
public final class Generate implements Verb {
  @Mixin private PromptOptions prompt = new PromptOptions();
  @Mixin private SamplingOptions sampling = new SamplingOptions();
  @Mixin private EditOptions edits = new EditOptions();
  @Mixin private SaveOptions saving = new SaveOptions();
  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Generate() {}

  @Override
  public int run(Terminal terminal) {
    edits.check(prompt, "generate", 1);
    sampling.check();
    Optional<Path> file = saving.check();
    try (Gpt2 loaded = model.load(terminal.err())) {
      Set<Site> kept = saving.sites(loaded);
      Sampling settings = sampling.read(loaded);
      Trace trace = edits.trace(loaded, prompt, terminal);
      Generation generation =
          output.json()
              ? Generation.run(trace, settings)
              : stream(loaded, trace, settings, terminal);
      file.ifPresent(path -> save(generation, settings, path, kept, terminal));
      if (output.json()) {
        Json.print(terminal, json -> write(json, loaded, generation, settings));
      }
    }
    return 0;
  }

  private void save(
      Generation generation, Sampling settings, Path file, Set<Site> kept, Terminal terminal) {
    try (Progress progress = new Progress("save", 2L * kept.size(), terminal)) {
      Experiment.save(generation, settings, file, kept, saving.values(), site -> progress.step());
    }
    if (!output.json()) {
      int tokens = generation.ids().length;
      terminal.err().printf("%d new tokens and %d sites in %s%n", tokens, kept.size(), file);
    }
  }

  private static Generation stream(Gpt2 model, Trace trace, Sampling settings, Terminal terminal) {
    StreamedText text = new StreamedText(model, terminal);
    for (int id : trace.tokens().ids()) {
      text.token(id);
    }
    Generation generation =
        Generation.run(trace, settings, (longer, id) -> show(model, text, id), () -> false);
    text.end();
    if (generation.reason() == Generation.Reason.CONTEXT_END) {
      terminal
          .err()
          .printf("vitrine: stopped: the context of %d tokens is full%n", model.config().context());
    }
    return generation;
  }

  /** The token that ends a text is no text. */
  private static void show(Gpt2 model, StreamedText text, int id) {
    OptionalInt end = model.tokenizer().map(Tokenizer::endOfText).orElse(OptionalInt.empty());
    if (end.isEmpty() || end.getAsInt() != id) {
      text.token(id);
    }
  }

  private void write(JsonGenerator json, Gpt2 loaded, Generation generation, Sampling settings)
      throws IOException {
    json.writeStringField("prompt", generation.prompt().text());
    ids(json, "prompt_ids", generation.prompt().ids());
    ids(json, "ids", generation.ids());
    json.writeStringField("text", loaded.tokens(generation.ids()).text());
    json.writeStringField("reason", generation.reason().toString());
    json.writeBooleanField("greedy", settings.greedy());
    json.writeNumberField("seed", settings.seed());
    Receipts.write(json, generation.trace());
    json.writeStringField("saved", saving.name());
    model.writeProvenance(json, loaded);
  }

  private static void ids(JsonGenerator json, String field, int... ids) throws IOException {
    json.writeFieldName(field);
    json.writeArray(ids, 0, ids.length);
  }
}
