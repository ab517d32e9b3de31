package dev.vitrine.cli.patching;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.patching.Metric;
import dev.vitrine.analysis.patching.Patching;
import dev.vitrine.analysis.patching.PathPatching;
import dev.vitrine.analysis.patching.Sweep;
import dev.vitrine.analysis.patching.edges.EdgeEffects;
import dev.vitrine.analysis.patching.edges.EdgePatching;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Progress;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.drawing.Csv;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Activation and path patching: one number for each of many edited runs. */
@Command(
    name = "sweep",
    customSynopsis = "vitrine sweep KIND PROMPT --from OTHER [OPTIONS]",
    description = {
      "Run PROMPT many times, each time with one activation of OTHER patched in, and show what",
      "each did. PROMPT corrupted and OTHER clean is denoising; the other way round, noising.",
      "Both must have as many tokens."
    },
    footer = {
      "",
      "KIND is what is patched, by TransformerLens's names:",
      "  resid_pre resid_mid attn_out mlp_out     layer × position",
      "  heads q k v pattern                      layer × head, at all positions",
      "  attn_head_out_by_pos (…_q_ …_k_ …_v_ …_pattern_by_pos)",
      "                                           layer × position × head",
      "  attn_head_pattern_dest_src_pos           layer × head × query × key",
      "  block_every attn_head_all_pos_every attn_head_by_pos_every",
      "  path     from each head to --to, other heads held",
      "  edges    every edge of the computational graph, exactly",
      "",
      "--json: kind, metric, unscaled: {prompt, other}, prompts: [[token]], others: [[token]],",
      "answers, wrong, and either axes: [{name, labels}] with values (nested arrays) or edges:",
      "[{from, to, value, change}], all of them; version, model, model_hash, backend, view, seed."
    })
public final class SweepVerb implements Verb {
  @Mixin private PromptOptions prompt = new PromptOptions();

  @Option(
      names = "--from",
      paramLabel = "OTHER",
      description = "The prompt that activations come from; repeat for each PROMPT of a batch.")
  private List<String> from = new ArrayList<>();

  @Option(
      names = "--from-ids",
      paramLabel = "5,3,8",
      description = "The same as token ids, where PROMPT is --ids.")
  private List<String> fromIds = new ArrayList<>();

  @Mixin private MetricOptions metric = new MetricOptions();

  @Option(
      names = "--to",
      paramLabel = "RECEIVER",
      description = "Of path: final (default), a head's input such as L3H1.q, or L3.mlp.")
  private @Nullable String to;

  @Option(
      names = "--direct",
      description = "Of path: hold the MLPs on the way too, not only the heads.")
  private boolean direct;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many of the strongest to list, or edges to draw (default 20).")
  private int top = 20;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write every number to a file.")
  private @Nullable String csv;

  @Option(names = "--svg", paramLabel = "FILE", description = "Draw a picture into a file.")
  private @Nullable String svg;

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public SweepVerb() {}

  @Override
  public int run(Terminal terminal) {
    String kind = check();
    try (Gpt2 loaded = model.load(terminal.err())) {
      Batch base = loaded.traces(prompt.read(loaded, terminal));
      List<Tokens> others = others(loaded);
      Pairing.check(base, others);
      Batch other = loaded.traces(others);
      MetricOptions.Chosen chosen = metric.choose(loaded, base, other, terminal.err());
      SweepReport report = new SweepReport(kind, base, other, chosen, top);
      if (kind.equals(SweepKind.EDGES)) {
        edges(report, terminal, loaded);
      } else {
        tensor(report, terminal, loaded);
      }
    }
    return 0;
  }

  /** The prompts to patch from, begun as those to patch are. */
  private List<Tokens> others(Gpt2 loaded) {
    List<Tokens> others = new ArrayList<>();
    from.forEach(text -> others.add(prompt.begun(loaded, loaded.tokens(text))));
    for (String list : fromIds) {
      int[] ids = PromptOptions.parse("--from-ids", list);
      others.add(prompt.begun(loaded, loaded.tokens(ids)));
    }
    return others;
  }

  private String check() {
    String kind =
        SweepKind.checked(
            prompt
                .takeFirst()
                .orElseThrow(() ->
                    new UsageException(
                        "say what to patch: vitrine sweep KIND PROMPT --from OTHER, KIND being "
                            + String.join(", ", SweepKind.names()))));
    prompt.check("sweep", Integer.MAX_VALUE);
    fromIds.forEach(list -> PromptOptions.parse("--from-ids", list));
    if (from.isEmpty() && fromIds.isEmpty()) {
      throw new UsageException(
          "nothing to patch from: give --from OTHER, a prompt of as many tokens, or --from-ids");
    }
    if (top < 1) {
      throw new UsageException("--top must be 1 or more, not " + top);
    }
    if ((to != null || direct) && !kind.equals(SweepKind.PATH)) {
      throw new UsageException("--to and --direct are for sweep path, not sweep " + kind);
    }
    if (to != null) {
      SweepKind.checkReceiver(to);
    }
    metric.check();
    model.check();
    return kind;
  }

  private void tensor(SweepReport report, Terminal terminal, Gpt2 loaded) {
    Metric measured = report.chosen().metric();
    Tensor result;
    try (Bar bar = new Bar(report.kind(), terminal)) {
      if (report.kind().equals(SweepKind.PATH)) {
        PathPatching paths =
            PathPatching.of(report.base(), report.other(), measured).watchedBy(bar);
        result = SweepKind.path(to == null ? "final" : to, direct ? paths.direct() : paths);
      } else {
        Patching patching = Patching.of(report.base(), report.other(), measured).watchedBy(bar);
        result = SweepKind.patch(report.kind(), patching);
      }
    }
    write(csv, "--csv", () -> Csv.of(result));
    write(svg, "--svg", result::svg);
    if (output.json()) {
      print(terminal, loaded, report, json -> SweepReport.write(json, result));
    } else {
      report.lines(result, terminal).forEach(terminal::line);
    }
  }

  private void edges(SweepReport report, Terminal terminal, Gpt2 loaded) {
    EdgePatching patching =
        new EdgePatching(report.base(), report.other(), report.chosen().metric());
    EdgeEffects effects;
    try (Bar bar = new Bar(report.kind(), terminal)) {
      effects = patching.run(patching.edges(), bar);
    }
    write(csv, "--csv", effects::csv);
    write(svg, "--svg", () -> effects.svg(top));
    if (output.json()) {
      print(terminal, loaded, report, json -> SweepReport.write(json, effects));
    } else {
      report.lines(effects, terminal).forEach(terminal::line);
    }
  }

  private void print(Terminal terminal, Gpt2 loaded, SweepReport report, Json.Content content) {
    Json.print(
        terminal,
        (JsonGenerator json) -> {
          report.begin(json);
          content.write(json);
          model.writeProvenance(json, loaded);
          json.writeNullField("seed");
        });
  }

  private static void write(@Nullable String file, String flag, Supplier<String> content) {
    if (file == null) {
      return;
    }
    try {
      Files.writeString(Path.of(file), content.get());
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException(
          "%s %s cannot be written: %s".formatted(flag, file, e.getMessage()), e);
    }
  }

  /** Shows how far the sweep at hand has come. */
  private static final class Bar implements Sweep.Progress, AutoCloseable {
    private final String task;
    private final Terminal terminal;
    private @Nullable Progress bar;

    Bar(String task, Terminal terminal) {
      this.task = task;
      this.terminal = terminal;
    }

    @Override
    public void done(long done, long all) {
      if (bar == null) {
        bar = new Progress(task, all, terminal);
      }
      bar.to(done);
      if (done == all) {
        close(); // the next of several sweeps begins anew
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }
}
