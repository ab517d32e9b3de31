package dev.vitrine.cli.experiment;

import dev.vitrine.analysis.experiment.Effect;
import dev.vitrine.analysis.experiment.Experiment;
import dev.vitrine.cli.edit.EditOptions;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.SaveOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Progress;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Changes a run, and shows what that did to the prediction. */
@Command(
    name = "ablate",
    description = "Change a run, and show what that does to the prediction.",
    footer = {
      "",
      "Edits apply in the order in which they stand; several",
      "prompts are edited together. --save keeps the experiment",
      "as JSON: replay FILE runs it again, --edits FILE takes its",
      "edits. In code the same: trace.with(Edit.zero(...)).",
      "",
      "--json: {\"prompts\": [{",
      "  tokens       [{id, token}]",
      "  edits        [{edit, sites, fired, elements, changed, norm,",
      "                 largest, readers}]",
      "  before, after  the likeliest tokens:",
      "               [{id, token, logit_before, logit_after, change,",
      "                 probability_before, probability_after}]",
      "  moved        the tokens whose logits changed most, alike",
      "  kl           KL(before ‖ after) at the last token, nats",
      "  loss_before, loss_after  null for a single token",
      "  work         {run, full, saved}: rows × layers }],",
      "  saved        the file of --save, or null,",
      "  version, model, model_hash, backend, view,",
      "  seed         null: nothing is drawn}",
      "--csv: prompt,id,token,logit_before,logit_after,change,",
      "  probability_before,probability_after, as moved"
    })
public final class Ablate implements Verb {
  @Mixin private PromptOptions prompt = new PromptOptions();

  @Option(names = "--top", paramLabel = "N", description = "How many to show of each (default 5).")
  private int top = 5;

  @Mixin private EditOptions edits = new EditOptions();

  @Mixin private SaveOptions saving = new SaveOptions();

  @Option(names = "--csv", description = "Print CSV.")
  private boolean csv;

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Ablate() {}

  @Override
  public int run(Terminal terminal) {
    Optional<Path> file = check();
    try (Gpt2 loaded = model.load(terminal.err())) {
      Set<Site> kept = saving.sites(loaded);
      List<Tokens> prompts = edits.prompts(loaded, prompt, terminal, Integer.MAX_VALUE);
      Batch plain = loaded.traces(prompts);
      Batch edited = edits.apply(plain, prompt);
      Receipts.warn(edited, terminal.err());
      List<Effect> effects =
          IntStream.range(0, plain.size())
              .mapToObj(i -> Effect.of(plain.get(i), edited.get(i)))
              .toList();
      file.ifPresent(path -> save(edited, path, kept, terminal));
      show(effects, loaded, terminal);
      if (file.isPresent() && !output.json()) {
        terminal.err().printf("%d sites in %s%n", kept.size(), file.get());
      }
    }
    return 0;
  }

  private Optional<Path> check() {
    edits.check(prompt, "ablate", Integer.MAX_VALUE);
    if (!edits.isNamed()) {
      throw new UsageException(
          "no edit: say what to change, such as --zero \"blocks.1.attn.hook_z[head=2]\"");
    }
    if (top < 1) {
      throw new UsageException("--top must be 1 or more, not " + top);
    }
    if (csv && output.json()) {
      throw new UsageException("--csv and --json exclude each other: say one");
    }
    return saving.check();
  }

  private void save(Batch edited, Path file, Set<Site> kept, Terminal terminal) {
    long steps = 2L * kept.size() * edited.size();
    try (Progress progress = new Progress("save", steps, terminal)) {
      Experiment.save(edited, file, kept, saving.values(), site -> progress.step());
    }
  }

  private void show(List<Effect> effects, Gpt2 loaded, Terminal terminal) {
    if (output.json()) {
      Json.print(
          terminal,
          json -> {
            EffectJson.write(json, effects, top);
            json.writeStringField("saved", saving.name());
            model.writeProvenance(json, loaded);
            json.writeNullField("seed");
          });
    } else if (csv) {
      EffectCsv.lines(effects, top).forEach(terminal::line);
    } else {
      String gap = "";
      for (Effect effect : effects) {
        terminal.print(gap);
        new EffectScreen(effect, top, Style.of(terminal), terminal.width())
            .lines(model.model())
            .forEach(terminal::line);
        gap = "\n";
      }
    }
  }
}
