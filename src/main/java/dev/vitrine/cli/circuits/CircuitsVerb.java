package dev.vitrine.cli.circuits;

import static dev.vitrine.tensor.Axis.COMPONENT;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.HEAD2;

import dev.vitrine.analysis.circuits.CircuitReport;
import dev.vitrine.analysis.circuits.Composition;
import dev.vitrine.analysis.circuits.HeadDetector;
import dev.vitrine.analysis.tasks.RepeatedTokens;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Progress;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reports the circuits of a model. */
@Command(
    name = "circuits",
    description =
        "Report a model's circuits: which heads are of a known kind, which copy, how they compose,"
            + " and what the model does with them.",
    footer = {
      "",
      "Circuits are products of weights: of raw weights layer norm's gain is not in them, with",
      "--view folded it is. Composition: how much a later head reads (by Q, K or V) of what an",
      "earlier one writes. --csv and --svg have the composition of all pairs.",
      "--json: {\"parameters\", \"tasks\": {\"first_loss\", \"second_loss\", \"indirect_object\":"
          + " {\"accuracy\", \"logit_difference\"}, \"greater_than\": {\"difference\"}},"
          + " \"kinds\": {NAME: [{\"layer\", \"head\", \"score\"}]}, \"copying\": [...],"
          + " \"composition\": {\"Q\" | \"K\" | \"V\": [{\"layer\", \"head\", \"layer2\","
          + " \"head2\", \"score\"}]}, \"notes\", \"version\", \"model\", \"model_hash\","
          + " \"backend\", \"view\", \"seed\"}.",
      "--json of --head and --neuron instead: {\"heads\": [{\"layer\", \"head\", \"vectors\":"
          + " [{\"singular_value\", \"most\": [WORD], \"least\": [WORD]}]}], \"neurons\":"
          + " [{\"layer\", \"neuron\", \"writes\": {\"most\", \"least\"}, \"reads\":"
          + " {\"most\", \"least\"}}]}; WORD: {\"id\", \"token\", \"value\"}."
    })
public final class CircuitsVerb implements Verb {
  @Mixin private ReadOuts readOuts = new ReadOuts();

  @Option(names = "--top", paramLabel = "N", description = "How many of each (default 5).")
  private int top = 5;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of random tokens and prompts (default 0).")
  private long seed;

  @Mixin private FileOptions files = new FileOptions();
  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public CircuitsVerb() {}

  @Override
  public int run(Terminal terminal) {
    if (top < 1) {
      throw new UsageException("--top must be 1 or more, not " + top);
    }
    readOuts.check();
    if (readOuts.isAsked() && files.isAsked()) {
      throw new UsageException(
          "--csv and --svg have the composition of all heads: leave --head and --neuron out");
    }
    files.check();
    model.check();
    try (Gpt2 loaded = model.load(terminal.err())) {
      if (readOuts.isAsked()) {
        readOut(loaded, terminal);
        return 0;
      }
      CircuitReport report;
      try (Progress progress = new Progress("circuits", CircuitReport.STEPS, terminal)) {
        report = CircuitReport.of(loaded, seed, progress::step);
      }
      if (output.json()) {
        Json.print(
            terminal,
            json -> {
              CircuitJson.write(json, report);
              model.writeProvenance(json, loaded);
              json.writeNumberField("seed", seed);
            });
      } else {
        show(terminal, report);
      }
      files.write(terminal, () -> csv(report), () -> picture(report));
    }
    return 0;
  }

  private void readOut(Gpt2 loaded, Terminal terminal) {
    readOuts.check(loaded);
    if (output.json()) {
      Json.print(
          terminal,
          json -> {
            readOuts.write(json, loaded, top);
            model.writeProvenance(json, loaded);
            json.writeNullField("seed");
          });
    } else {
      ScoreScreen screen = new ScoreScreen(terminal);
      screen.header(model.model(), loaded, "");
      readOuts.show(screen, Style.of(terminal), loaded, top);
      screen.print();
    }
  }

  // ---- showing

  private void show(Terminal terminal, CircuitReport report) {
    ScoreScreen screen = new ScoreScreen(terminal);
    Style style = Style.of(terminal);
    long count = report.model().parameters().count();
    screen.header(
        model.model(), report.model(), String.format(Locale.ROOT, "%,d parameters", count));
    tasks(screen, report);
    for (Map.Entry<HeadDetector, Tensor> kind : report.kinds().entrySet()) {
      screen.heading(kind.getKey().name(), "share of its attention, on random tokens twice over");
      screen.showBest(kind.getValue(), top);
    }
    screen.heading("Copying", "of W_E W_V W_O W_U: 1 raises the token looked at, -1 lowers it");
    screen.table(report.copying());
    String arrow = style.unicode() ? " → " : " > ";
    for (Composition kind : Composition.values()) {
      screen.heading(kind + "-composition", "how much a head reads of what an earlier one writes");
      List<CircuitReport.Pair> pairs = report.pairs(kind);
      Map<String, String> entries = new LinkedHashMap<>();
      for (CircuitReport.Pair pair : pairs.subList(0, Math.min(top, pairs.size()))) {
        String score = String.format(Locale.ROOT, "%.3f", pair.score());
        entries.put(pair.writer() + arrow + pair.reader(), score);
      }
      screen.entries(entries.isEmpty() ? Map.of("none", "there is but one layer") : entries);
    }
    screen.print();
  }

  private static void tasks(ScoreScreen screen, CircuitReport report) {
    screen.heading("Tasks", "");
    Map<String, String> entries = new LinkedHashMap<>();
    RepeatedTokens repeated = report.repeated();
    if (repeated != null) {
      entries.put(
          "induction",
          String.format(
              Locale.ROOT,
              "loss %.3f on random tokens' second occurrence, %.3f on their first",
              repeated.secondLoss(),
              repeated.firstLoss()));
    }
    report
        .indirectObject()
        .ifPresent(task ->
            entries.put(
                "indirect object",
                String.format(
                    Locale.ROOT,
                    "right in %.1f %% of %d, logit difference %.3f",
                    100 * task.accuracy(),
                    task.prompts().size(),
                    task.logitDifference())));
    report
        .greaterThan()
        .ifPresent(task ->
            entries.put(
                "greater-than",
                String.format(
                    Locale.ROOT,
                    "%.3f: probability of later years less that of others, %d prompts",
                    task.difference(),
                    task.prompts().size())));
    screen.entries(entries);
    report.notes().forEach(note -> screen.line("  " + note));
  }

  // ---- files

  private static String csv(CircuitReport report) {
    StringBuilder csv = new StringBuilder("composition,layer,head,layer2,head2,score\n");
    for (Composition kind : Composition.values()) {
      for (CircuitReport.Pair pair : report.pairs(kind)) {
        csv.append(kind).append(',').append(pair.layer()).append(',').append(pair.head());
        csv.append(',').append(pair.layer2()).append(',').append(pair.head2()).append(',');
        csv.append(pair.score()).append('\n');
      }
    }
    return csv.toString();
  }

  /** Writers down, readers across, a panel for each kind. */
  private static String picture(CircuitReport report) {
    List<String> labels = report.model().parameters().headLabels();
    List<Tensor> panels =
        report.compositions().values().stream()
            .map(scores -> Tensor.of(scores.doubles(), HEAD.of(labels), HEAD2.of(labels)))
            .toList();
    List<String> names =
        report.compositions().keySet().stream().map(kind -> kind + "-composition").toList();
    return Tensor.stack(panels, COMPONENT.of(names)).withOrigin(() -> "composition").svg();
  }
}
