package dev.vitrine.cli.verbs;

import dev.vitrine.cli.edit.EditOptions;
import dev.vitrine.cli.options.LogitOptions;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.model.Gpt2;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main job: what the model predicts, and how it came to it. */
@Command(
    name = "look",
    description = "Show what the model predicts next, and how it came to it.",
    footer = {
      "",
      "--json has all that the screen has, of every head and component:",
      "  tokens       [{id, token}]",
      "  predictions  [{token, id, probability, logit}], the first N",
      "  lens         [{layer, site, rank, difference,",
      "                 top: [{token, id, probability, logit}]}];",
      "               layer: how many blocks have run, 0 is the",
      "               embedding; rank: the place of target;",
      "               difference: target's logit less minus's",
      "  target       {token, id, logit, sum}: what the components",
      "               are of, and their sum; with --minus logit",
      "               and sum are of the difference",
      "  minus        {token, id}, or null",
      "  components   [{name, label, logit}], all of them",
      "  heads        [{layer, head, logit, attention, previous,",
      "                 duplicate, induction}], all of them;",
      "               attention: a weight for each token, as the last",
      "               one looks at it; then mean attention to the token",
      "               before, to the same one, to what came after it;",
      "               null where the prompt has no such place",
      "  edits        [{edit, sites, fired, elements, changed, norm,",
      "                 largest, readers}]: what each edit did",
      "  nan_from     the first site that holds a NaN where logits",
      "               do, as nothing is predicted then; else null",
      "  convention   how the components are computed",
      "  version, model, model_hash, backend, view,",
      "  seed         null: nothing is drawn"
    })
public final class Look implements Verb {
  @Mixin private PromptOptions prompt = new PromptOptions();

  @Option(names = "--top", paramLabel = "N", description = "How many to show of each (default 5).")
  private int top = 5;

  @Mixin private LogitOptions logit = new LogitOptions();
  @Mixin private EditOptions edits = new EditOptions();
  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Look() {}

  @Override
  public int run(Terminal terminal) {
    edits.check(prompt, "look", 1);
    logit.check();
    if (top < 1) {
      throw new UsageException("--top must be 1 or more, not " + top);
    }
    try (Gpt2 loaded = model.load(terminal.err())) {
      View view = View.of(edits.trace(loaded, prompt, terminal), logit, terminal.err());
      if (output.json()) {
        Json.print(
            terminal,
            json -> {
              LookJson.write(json, view, top);
              model.writeProvenance(json, loaded);
              json.writeNullField("seed");
            });
      } else {
        LookScreen screen = new LookScreen(view, top, Style.of(terminal), terminal.width());
        screen.lines(model.model()).forEach(terminal::line);
      }
    }
    return 0;
  }
}
