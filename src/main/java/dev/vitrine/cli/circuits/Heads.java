package dev.vitrine.cli.circuits;

import static dev.vitrine.tensor.Axis.COMPONENT;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.QUERY;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.circuits.HeadDetector;
import dev.vitrine.analysis.circuits.HeadScores;
import dev.vitrine.analysis.tasks.RepeatedTokens;
import dev.vitrine.cli.edit.EditOptions;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds heads of known kinds. */
@Command(
    name = "heads",
    description =
        "Find heads of known kinds: those that look at the previous token, at duplicates, or at"
            + " what came after a duplicate (induction).",
    footer = {
      "",
      "Without a prompt the heads are tried on random tokens that repeat, as induction shows best",
      "there. Several prompts: their mean. A score is the share of a head's attention that lies",
      "where its kind looks; --abs: 1 - mean |attention - kind| a position. Edits apply to every",
      "prompt; \"edits\" is what each did in the first.",
      "--json: {\"detectors\": [{\"name\", \"scores\": [{\"layer\", \"head\", \"score\"}]}],"
          + " \"measure\", \"exclude_bos\", \"exclude_current_token\", \"prompts\": [[token]],"
          + " \"edits\","
          + " \"version\", \"model\", \"model_hash\", \"backend\", \"view\", \"seed\"}."
    })
public final class Heads implements Verb {
  private static final int PERIOD = 40;
  private static final int SEQUENCES = 4;

  @Mixin private PromptOptions prompt = new PromptOptions();

  @Option(
      names = "--kind",
      paramLabel = "NAME",
      description =
          "Only this kind: previous_token_head, duplicate_token_head or induction_head"
              + " (repeatable).")
  private List<String> kinds = new ArrayList<>();

  @Option(
      names = "--pattern",
      paramLabel = "FILE",
      description =
          "A kind of one's own: a line for each token of the prompt, with a number for each token"
              + " that it may look at, commas or blanks between.")
  private String pattern = "";

  @Option(names = "--abs", description = "Score by the mean difference, not by the share.")
  private boolean abs;

  @Option(names = "--exclude-bos", description = "Leave out what is looked at in position 0.")
  private boolean excludeBos;

  @Option(
      names = "--exclude-current-token",
      description = "Leave out what a token looks at in itself.")
  private boolean excludeCurrent;

  @Option(names = "--top", paramLabel = "N", description = "How many heads to list (default 5).")
  private int top = 5;

  @Option(
      names = "--draw",
      paramLabel = "N",
      description = "Draw the attention of the N best heads of each kind on the first prompt.")
  private int draw;

  @Option(names = "--seed", paramLabel = "N", description = "Of the random tokens (default 0).")
  private long seed;

  @Mixin private EditOptions edits = new EditOptions();
  @Mixin private FileOptions files = new FileOptions();
  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Heads() {}

  @Override
  public int run(Terminal terminal) {
    check();
    try (Gpt2 loaded = model.load(terminal.err())) {
      boolean random = !edits.isPrompted(loaded, prompt);
      Batch edited =
          edits.apply(random ? randomTokens(loaded) : prompted(loaded, terminal), prompt);
      Receipts.warn(edited, terminal.err());
      List<Trace> traces = edited.traces();
      Map<HeadDetector, Tensor> scores = new LinkedHashMap<>();
      HeadScores.Measure measure = abs ? HeadScores.Measure.ABS : HeadScores.Measure.MUL;
      HeadScores scoring = new HeadScores(measure, excludeBos, excludeCurrent);
      for (HeadDetector detector : detectors(terminal)) {
        scores.put(detector, scoring.of(traces, detector));
      }
      if (output.json()) {
        Json.print(terminal, json -> write(json, traces, scores, random));
      } else {
        show(terminal, traces, scores, random);
      }
      files.write(terminal, () -> csv(scores), () -> stacked(scores).svg());
    }
    return 0;
  }

  private void check() {
    if (prompt.isGiven()) {
      prompt.check("heads", Integer.MAX_VALUE);
    }
    edits.check();
    if (!pattern.isEmpty() && !prompt.isGiven()) {
      throw new UsageException("--pattern needs a prompt that it is the pattern of");
    }
    if (top < 1 || draw < 0) {
      throw new UsageException("--top must be 1 or more, and --draw 0 or more");
    }
    kinds.forEach(Heads::known);
    files.check();
    model.check();
  }

  private static HeadDetector known(String name) {
    for (HeadDetector detector : HeadDetector.known()) {
      if (detector.name().equals(name) || detector.name().startsWith(name + "_")) {
        return detector;
      }
    }
    throw new UsageException(
        "there is no kind \""
            + name
            + "\"; there are "
            + String.join(", ", HeadDetector.known().stream().map(HeadDetector::name).toList()));
  }

  private List<HeadDetector> detectors(Terminal terminal) {
    List<HeadDetector> detectors = new ArrayList<>(kinds.stream().map(Heads::known).toList());
    if (!pattern.isEmpty()) {
      detectors.add(OwnPattern.read(pattern, terminal));
    }
    return detectors.isEmpty() ? HeadDetector.known() : detectors;
  }

  private Batch prompted(Gpt2 loaded, Terminal terminal) {
    return loaded.traces(edits.prompts(loaded, prompt, terminal, Integer.MAX_VALUE));
  }

  private Batch randomTokens(Gpt2 loaded) {
    int period = Math.min(PERIOD, loaded.config().context() / 2);
    if (period < 1) {
      throw new IllegalArgumentException(
          "the model reads one token only: there is nothing to look back at");
    }
    return new Batch(RepeatedTokens.of(loaded, period, SEQUENCES, seed).traces());
  }

  // ---- showing

  private void show(
      Terminal terminal, List<Trace> traces, Map<HeadDetector, Tensor> scores, boolean random) {
    ScoreScreen screen = new ScoreScreen(terminal);
    String tokens =
        random
            ? "%d × %d random tokens, twice".formatted(SEQUENCES, traces.getFirst().size() / 2)
            : traces.size() == 1
                ? traces.getFirst().size() + " tokens"
                : traces.size() + " prompts";
    Trace first = traces.getFirst();
    screen.header(model.model(), first.model(), tokens.replace("×", Style.of(terminal).times()));
    if (!first.edits().isEmpty()) {
      screen.heading(
          "Edits", "what was changed" + (traces.size() == 1 ? "" : ", in the first prompt"));
      screen.receipts(first);
    }
    scores.forEach((detector, table) -> {
      screen.heading(
          detector.name(), abs ? "1 - mean difference a position" : "share of its attention");
      screen.table(table);
      screen.showBest(table, top);
    });
    if (draw > 0) {
      scores.forEach((detector, table) -> draw(screen, first, detector, table));
    }
    screen.print();
  }

  private void draw(ScoreScreen screen, Trace trace, HeadDetector detector, Tensor table) {
    int heads = table.size(HEAD);
    ScoreScreen.best(table, draw)
        .forEach(entry -> {
          int layer = entry.index() / heads;
          int head = entry.index() % heads;
          Tensor attention = trace.tensor(Site.pattern(layer)).at(HEAD, head);
          screen.heading(detector.name() + " L" + layer + "H" + head, "where it looks");
          screen.drawing(attention.permute(QUERY, KEY));
        });
  }

  /** All kinds as one tensor, {@code [component, layer, head]}. */
  private static Tensor stacked(Map<HeadDetector, Tensor> scores) {
    List<String> names =
        scores.keySet().stream()
            .map(kind -> kind.name().replaceAll("(_token)?_head$", ""))
            .toList();
    return Tensor.stack(List.copyOf(scores.values()), COMPONENT.of(names))
        .withOrigin(() -> "heads by kind");
  }

  private static String csv(Map<HeadDetector, Tensor> scores) {
    StringBuilder csv = new StringBuilder("kind,layer,head,score\n");
    scores.forEach((detector, table) ->
        each(
            table,
            (layer, head, score) ->
                csv.append(detector.name())
                    .append(',')
                    .append(layer)
                    .append(',')
                    .append(head)
                    .append(',')
                    .append(score)
                    .append('\n')));
    return csv.toString();
  }

  private void write(
      JsonGenerator json, List<Trace> traces, Map<HeadDetector, Tensor> scores, boolean random)
      throws IOException {
    json.writeArrayFieldStart("detectors");
    for (Map.Entry<HeadDetector, Tensor> kind : scores.entrySet()) {
      json.writeStartObject();
      json.writeStringField("name", kind.getKey().name());
      ScoreJson.heads(json, "scores", kind.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("measure", abs ? "abs" : "mul");
    json.writeBooleanField("exclude_bos", excludeBos);
    json.writeBooleanField("exclude_current_token", excludeCurrent);
    json.writeArrayFieldStart("prompts");
    for (Trace trace : traces) {
      json.writeArray(trace.tokens().strings().toArray(String[]::new), 0, trace.size());
    }
    json.writeEndArray();
    Receipts.write(json, traces.getFirst());
    model.writeProvenance(json, traces.getFirst().model());
    if (random) {
      json.writeNumberField("seed", seed);
    } else {
      json.writeNullField("seed");
    }
  }

  /** Takes each head's score in turn. */
  @FunctionalInterface
  interface Each {
    void take(int layer, int head, double score);
  }

  static void each(Tensor table, Each each) {
    Tensor ordered = table.permute(LAYER, HEAD);
    for (int layer = 0; layer < ordered.size(LAYER); layer++) {
      for (int head = 0; head < ordered.size(HEAD); head++) {
        each.take(layer, head, ordered.get(layer, head));
      }
    }
  }

  /** A table of numbers from a file. */
  private static final class OwnPattern {
    private OwnPattern() {}

    static HeadDetector read(String file, Terminal terminal) {
      List<double[]> rows = new ArrayList<>();
      PromptOptions.content(file, terminal)
          .lines()
          .filter(line -> !line.isBlank())
          .forEach(line -> rows.add(row(file, line)));
      int size = rows.size();
      double[] table = new double[size * size];
      for (int q = 0; q < size; q++) {
        double[] row = rows.get(q);
        if (row.length > size) {
          throw new IllegalArgumentException(
              "%s: line %d has %d numbers, and there are %d lines: a line has at most as many"
                  .formatted(file, q + 1, row.length, size));
        }
        System.arraycopy(row, 0, table, q * size, row.length);
      }
      return HeadDetector.of(file, Tensor.of(table, QUERY.of(size), KEY.of(size)));
    }

    private static double[] row(String file, String line) {
      try {
        return Arrays.stream(line.strip().split("[,\\s]+", -1))
            .mapToDouble(Double::parseDouble)
            .toArray();
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "%s: \"%s\" has something that is no number".formatted(file, line.strip()), e);
      }
    }
  }
}
