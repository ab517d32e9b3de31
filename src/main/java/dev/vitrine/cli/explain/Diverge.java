package dev.vitrine.cli.explain;

import dev.vitrine.analysis.divergence.Divergence;
import dev.vitrine.analysis.divergence.Dump;
import dev.vitrine.analysis.divergence.Side;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Progress;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Site;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where two computations of one run part, and why. */
@Command(
    name = "diverge",
    description =
        "Compare two backends, or one with another tool's tensors, site by site: the first that"
            + " differs, noise or fault, and the likely cause.",
    footer = {
      "",
      "Each site is computed again in fp64 from each side's own",
      "parents: what is further off than rounding leads is a fault.",
      "Exit code 1 if there is one. --json:",
      "  left, right  what was compared",
      "  tokens       [{id, token}]: with the token that begins a",
      "               text before the prompt, if the file has it",
      "  first        the first part whose bits differ, or null",
      "  fault        the first part that rounding does not explain",
      "  faulty_side  left's or right's name, or null",
      "  cause        what explains the fault, or null",
      "  note         what was done to compare them, or null",
      "  causes       [{statement, error, explains}], what was tried",
      "  parts        [{site, elements, differing, where, left, right,",
      "                 ulps, left_error, right_error, left_relative,",
      "                 right_relative}]: errors in units of what",
      "               rounding may cost, up to 1 is noise; relative:",
      "               to the whole run in fp64 and the largest element",
      "  version, model, model_hash, backend, view,",
      "  seed         null: nothing is drawn"
    })
public final class Diverge implements Verb {
  @Mixin private PromptOptions prompt = new PromptOptions();

  @Option(
      names = "--backends",
      paramLabel = "A,B",
      description =
          "The two backends to compare, such as simd,reference (default); auto is the fastest.")
  private @Nullable String backends;

  @Option(
      names = "--dump",
      paramLabel = "FILE",
      description =
          "Compare --backend with the tensors of a file (.safetensors, .npz) under our sites'"
              + " names, a batch axis in front or not; it need not have all of them.")
  private @Nullable String dump;

  @Option(
      names = "--row",
      paramLabel = "N",
      description = "Which prompt of the file's batch the prompt is (default 0).")
  private int row;

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Diverge() {}

  @Override
  public int run(Terminal terminal) {
    prompt.check("diverge", 1);
    if (backends != null && dump != null) {
      throw new UsageException("give --backends A,B or --dump FILE, not both");
    }
    if (dump == null && model.isBackendGiven()) {
      throw new UsageException("--backend goes with --dump; give --backends A,B");
    }
    if (row < 0) {
      throw new UsageException("--row must be 0 or more, not " + row);
    }
    return dump == null ? backends(terminal, pair()) : dump(terminal, path(dump));
  }

  private List<String> pair() {
    if (backends == null) {
      return List.of(fastest(), "reference");
    }
    List<String> pair = Arrays.asList(backends.split(",", -1));
    if (pair.size() != 2) {
      throw new UsageException(
          "--backends takes two names with a comma between, such as simd,reference, not \""
              + backends
              + "\"");
    }
    pair.stream().filter(name -> !name.equals("auto")).forEach(ModelOptions::checkBackend);
    return pair.stream().map(name -> name.equals("auto") ? fastest() : name).toList();
  }

  /** What {@code auto} means: where two are compared, a short start is no reason to choose. */
  private static String fastest() {
    return Backends.choices().stream()
        .filter(Backends.Choice::available)
        .findFirst()
        .orElseThrow()
        .name();
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new UsageException("--dump " + name + " is no path: " + e.getReason());
    }
  }

  private int backends(Terminal terminal, List<String> pair) {
    try (Gpt2 left = model.load(terminal.err(), pair.get(0));
        Gpt2 right = model.load(terminal.err(), pair.get(1));
        Exact exact = Exact.beside(left, right, model, terminal)) {
      Tokens tokens = prompt.read(left, terminal).getFirst();
      Side a = Side.of(left.trace(tokens));
      Side b = Side.of(right.trace(tokens));
      return report(terminal, a, b, tokens, exact.model(), a.unit() > b.unit() ? a : b, left, "");
    }
  }

  private int dump(Terminal terminal, Path file) {
    try (Gpt2 own = model.load(terminal.err());
        Exact exact = Exact.beside(own, own, model, terminal);
        Dump other = Dump.open(file, own, row)) {
      Tokens given = prompt.read(own, terminal).getFirst();
      Tokens tokens = other.read(given);
      String note =
          tokens.size() > given.size()
              ? "the file has " + own.piece(tokens.id(0)) + " before the prompt; compared with it"
              : "";
      Side side = Side.of(own.trace(tokens));
      return report(terminal, side, other, tokens, exact.model(), side, own, note);
    }
  }

  private int report(
      Terminal terminal,
      Side left,
      Side right,
      Tokens tokens,
      Gpt2 exact,
      Side gauge,
      Gpt2 loaded,
      String note) {
    Divergence divergence;
    int sites = Site.all(exact.config()).size();
    try (Progress progress = new Progress("diverge", sites, terminal)) {
      divergence = Divergence.between(left, right, tokens, exact, gauge, site -> progress.step());
    }
    if (output.json()) {
      Json.print(
          terminal,
          json -> {
            DivergeJson.write(json, divergence, tokens, note);
            model.writeProvenance(json, loaded);
            json.writeNullField("seed");
          });
    } else {
      new DivergeScreen(divergence, tokens, note, Style.of(terminal), terminal.width())
          .lines()
          .forEach(terminal::line);
    }
    return divergence.fault().isPresent() ? 1 : 0;
  }

  /** The model in double precision: one of those at hand, or one more. */
  private record Exact(Gpt2 model, boolean own) implements AutoCloseable {

    static Exact beside(Gpt2 left, Gpt2 right, ModelOptions options, Terminal terminal) {
      for (Gpt2 each : new ArrayList<>(List.of(left, right))) {
        if (each.backend().isDouble()) {
          return new Exact(each, false);
        }
      }
      return new Exact(options.load(terminal.err(), "reference"), true);
    }

    @Override
    public void close() {
      if (own) {
        model.close();
      }
    }
  }
}
