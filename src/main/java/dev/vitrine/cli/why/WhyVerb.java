package dev.vitrine.cli.why;

import dev.vitrine.analysis.NotNumbers;
import dev.vitrine.analysis.why.Term;
import dev.vitrine.analysis.why.Why;
import dev.vitrine.cli.edit.EditOptions;
import dev.vitrine.cli.options.LogitOptions;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.Gpt2;
import dev.vitrine.trace.Trace;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Drills down from a logit. */
@Command(
    name = "why",
    description =
        "Say why a logit is what it is: from components down to heads, source tokens and neurons.",
    footer = {
      "",
      "\"adds\" is a sum: parts add up to what they are parts of, with layer norms' scales,",
      "attention patterns and activations' gates frozen. \"without\" is measured: how the logit",
      "changes when the part alone is set to zero, with all that it does through others. Parts of",
      "less than a hundredth of the logit are among the others. Edits apply first; where one put",
      "something else than the sum of the parts, the remainder is shown.",
      "--json: {\"position\", \"token\": {id, token}, \"minus\": {id, token} | null, \"root\":"
          + " TERM,",
      "\"edits\", \"convention\", \"version\", \"model\", \"model_hash\", \"backend\", \"view\"};"
          + " TERM: {\"kind\", \"label\",",
      "\"adds\", \"without\" (null where it was not measured), \"target\" (null for a bias),"
          + " \"others\":",
      "{count, adds}, \"remainder\", \"parts\": [TERM]}, the largest N of them."
    })
public final class WhyVerb implements Verb {
  @Mixin private PromptOptions prompt = new PromptOptions();

  @Mixin private LogitOptions logit = new LogitOptions();

  @Option(
      names = "--position",
      paramLabel = "P",
      description = "The position that predicts; negative ones count from the end (default -1).")
  private int position = -1;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many parts to show of the logit (default 6), half as many a level down.")
  private int top = 6;

  @Option(names = "--depth", paramLabel = "D", description = "How many levels (default 3).")
  private int depth = 3;

  @Option(names = "--no-effects", description = "Do not measure what is lost without each part.")
  private boolean unmeasured;

  @Mixin private EditOptions edits = new EditOptions();
  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public WhyVerb() {}

  @Override
  public int run(Terminal terminal) {
    check();
    try (Gpt2 loaded = model.load(terminal.err())) {
      Trace trace = edits.trace(loaded, prompt, terminal);
      Why why = why(loaded, trace, terminal);
      WhyTree tree = WhyTree.of(why.root(), top, depth);
      Map<Term, Double> effects = unmeasured ? Map.of() : why.effects(tree.shown());
      if (output.json()) {
        Json.print(
            terminal,
            json -> {
              WhyJson.write(json, why, tree, effects);
              model.writeProvenance(json, loaded);
            });
      } else {
        new WhyScreen(why, tree, effects, Style.of(terminal), terminal.width())
            .lines()
            .forEach(terminal::line);
      }
    }
    return 0;
  }

  private void check() {
    edits.check(prompt, "why", 1);
    if (top < 1 || depth < 1) {
      throw new UsageException("--top and --depth must be 1 or more");
    }
    logit.check();
  }

  private Why why(Gpt2 loaded, Trace trace, Terminal terminal) {
    int at = position < 0 ? trace.size() + position : position;
    if (at < 0 || at >= trace.size()) {
      throw new IllegalArgumentException(
          "--position %d is not there: the prompt has %d tokens".formatted(position, trace.size()));
    }
    NotNumbers.of(trace, at)
        .ifPresent(none -> {
          throw new IllegalArgumentException(
              "there is nothing to explain at position %d: %s".formatted(at, none));
        });
    LogitOptions.Question asked =
        logit.question(loaded, trace.predictions(at).first(), terminal.err());
    return asked.against().isEmpty()
        ? Why.of(trace, at, asked.token())
        : Why.ofDifference(trace, at, asked.token(), asked.against().getAsInt());
  }
}
