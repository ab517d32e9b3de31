package dev.vitrine.cli.explain;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.audit.Audit;
import dev.vitrine.analysis.audit.Finding;
import dev.vitrine.analysis.derivation.Derivation;
import dev.vitrine.cli.edit.EditOptions;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Progress;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.Gpt2;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether the numbers of a run add up. */
@Command(
    name = "audit",
    description = "Check that every number of a run is the sum it should be.",
    footer = {
      "",
      "Exit code 1 if an identity or an element does not hold, those",
      "apart that an edit broke. --json:",
      "  holds        whether all others hold",
      "  limit        the relative error that rounding may cost",
      "  worst        the finding that holds worst",
      "  findings     [{site, identity, exact, holds, edited, elements,",
      "                 differing, where, sum, value, largest,",
      "                 relative}], one for each identity;",
      "               exact: both sides must have the same bits;",
      "               edited: it does not hold as an edit broke in;",
      "               where: the worst element, an index by axis name;",
      "               relative: |sum - value| / largest",
      "  unaudited    [site]: what is no sum",
      "  edits        [{edit, sites, fired, elements, changed, norm,",
      "                 largest, readers}]: what each edit did",
      "With --element instead of these: elements [{element, formula,",
      "  value, computed, same_bits, lines: [{name, value, formula} or",
      "  {name, value, parts, terms: [{left, a, right, b, part,",
      "  partial}]}]}]; parts are added in order, or folded (see",
      "  kernels/CONTRACT.md)",
      "  version, model, model_hash, backend, view,",
      "  seed         null: nothing is drawn"
    })
public final class AuditVerb implements Verb {
  private static final int MOST_COLUMNS = 100;

  @Mixin private PromptOptions prompt = new PromptOptions();

  @Option(
      names = "--element",
      paramLabel = "ELEMENT",
      description =
          "Compute one element again by hand instead, term by term, such as"
              + " \"blocks.0.attn.hook_q[position=2,head=1,d_head=0]\" (repeatable).")
  private List<String> elements = new ArrayList<>();

  @Option(
      names = "--terms",
      paramLabel = "N",
      description = "How many terms of a sum to show (default 8): those that weigh most.")
  private int terms = 8;

  @Mixin private EditOptions edits = new EditOptions();
  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public AuditVerb() {}

  @Override
  public int run(Terminal terminal) {
    edits.check(prompt, "audit", 1);
    List<Target> targets = elements.stream().map(Elements::parse).toList();
    if (terms < 0) {
      throw new UsageException("--terms must be 0 or more, not " + terms);
    }
    try (Gpt2 loaded = model.load(terminal.err())) {
      Trace trace = edits.trace(loaded, prompt, terminal);
      if (!targets.isEmpty()) {
        return derive(terminal, trace, targets);
      }
      Audit audit;
      try (Progress progress = new Progress("audit", trace.sites().size(), terminal)) {
        audit = Audit.of(trace, site -> progress.step());
      }
      if (output.json()) {
        Json.print(terminal, json -> write(json, audit, trace));
      } else {
        show(terminal, audit, trace);
      }
      return audit.holds() ? 0 : 1;
    }
  }

  private int derive(Terminal terminal, Trace trace, List<Target> targets) {
    List<Derivation> derivations =
        targets.stream().map(target -> Elements.derive(trace, target)).toList();
    if (output.json()) {
      Json.print(
          terminal,
          json -> {
            json.writeArrayFieldStart("elements");
            for (Derivation derivation : derivations) {
              Elements.write(json, derivation);
            }
            json.writeEndArray();
            Receipts.write(json, trace);
            model.writeProvenance(json, trace.model());
            json.writeNullField("seed");
          });
    } else {
      Style style = Style.of(terminal);
      edits(terminal, trace, style, Math.min(terminal.width(), MOST_COLUMNS));
      for (Derivation derivation : derivations) {
        derivation
            .text(terms)
            .lines()
            .forEach(
                line -> terminal.line(Columns.fit(ascii(line, style), terminal.width(), style)));
      }
    }
    return derivations.stream().allMatch(d -> d.sameBits() || Elements.isEdited(trace, d)) ? 0 : 1;
  }

  // ---- JSON

  private void write(JsonGenerator json, Audit audit, Trace trace) throws IOException {
    json.writeBooleanField("holds", audit.holds());
    json.writeNumberField("limit", audit.limit());
    json.writeFieldName("worst");
    write(json, audit.worst(), audit);
    json.writeArrayFieldStart("findings");
    for (Finding finding : audit.findings()) {
      write(json, finding, audit);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("unaudited");
    for (var site : audit.unaudited()) {
      json.writeString(site.name());
    }
    json.writeEndArray();
    Receipts.write(json, trace);
    model.writeProvenance(json, trace.model());
    json.writeNullField("seed");
  }

  private static void write(JsonGenerator json, Finding finding, Audit audit) throws IOException {
    json.writeStartObject();
    json.writeStringField("site", finding.site().name());
    json.writeStringField("identity", finding.identity());
    json.writeBooleanField("exact", finding.exact());
    json.writeBooleanField("holds", finding.holds(audit.limit()));
    json.writeBooleanField("edited", audit.isEdited(finding));
    json.writeNumberField("elements", finding.elements());
    json.writeNumberField("differing", finding.differing());
    json.writeObjectFieldStart("where");
    for (int i = 0; i < finding.indices().size(); i++) {
      json.writeNumberField(finding.axes().get(i).toString(), finding.indices().get(i));
    }
    json.writeEndObject();
    Json.number(json, "sum", finding.sum());
    Json.number(json, "value", finding.value());
    Json.number(json, "largest", finding.largest());
    Json.number(json, "relative", finding.relative());
    json.writeEndObject();
  }

  // ---- the screen

  /** One line for each kind of identity: the layer where it holds worst. */
  private static void show(Terminal terminal, Audit audit, Trace trace) {
    Style style = Style.of(terminal);
    int width = Math.min(terminal.width(), MOST_COLUMNS);
    edits(terminal, trace, style, width);
    Map<String, List<Finding>> kinds = new LinkedHashMap<>();
    for (Finding finding : audit.findings()) {
      kinds.merge(finding.identity(), List.of(finding), AuditVerb::joined);
    }
    kinds.forEach((identity, findings) -> kind(terminal, style, width, audit, identity, findings));
    long elements = audit.findings().stream().mapToLong(Finding::elements).sum();
    Finding worst = audit.worst();
    terminal.line("");
    String summary =
        String.format(
            Locale.ROOT,
            "%s%s%d identities, %,d elements%sworst relative error %.1e in %s",
            holds(audit),
            style.dot(),
            audit.findings().size(),
            elements,
            style.dot(),
            worst.relative(),
            worst.site());
    Columns.wrap(summary, width).forEach(part -> terminal.line(style.heading(part)));
    String how =
        "%s%s%d tokens%slimit %.0e, relative to the tensor's largest element"
            .formatted(
                trace.model().backend().name(),
                style.dot(),
                trace.size(),
                style.dot(),
                audit.limit());
    Columns.wrap(how, width).forEach(part -> terminal.line(style.faint(part)));
  }

  private static void edits(Terminal terminal, Trace trace, Style style, int width) {
    if (!trace.edits().isEmpty()) {
      terminal.line(style.heading("Edits") + "  " + style.faint("what was changed in the run"));
      Receipts.lines(trace, style, width).forEach(terminal::line);
      terminal.line("");
    }
  }

  /**
   * One kind of identity: how well it holds, then where it holds worst and where edits broke it.
   */
  private static void kind(
      Terminal terminal,
      Style style,
      int width,
      Audit audit,
      String identity,
      List<Finding> findings) {
    List<Finding> edited = findings.stream().filter(audit::isEdited).toList();
    List<Finding> others = findings.stream().filter(f -> !audit.isEdited(f)).toList();
    Optional<Finding> worst = worst(others, audit);
    String broken = edited.isEmpty() ? "" : edited.size() + " edited";
    String how =
        worst.map(f -> verdict(f, others, style) + (broken.isEmpty() ? "" : ", ")).orElse("")
            + broken;
    String text = Columns.fit(ascii(identity, style), width - Columns.width(how) - 2, style);
    String line = Columns.left(text, width - Columns.width(how)) + how;
    boolean holds = worst.map(f -> f.holds(audit.limit())).orElse(true);
    terminal.line(holds ? line : style.negative(line));
    for (Finding finding : Stream.concat(worst.stream(), worst(edited, audit).stream()).toList()) {
      if (finding.relative() > 0) {
        String where =
            "%s %s  %s where the sum is %s"
                .formatted(
                    finding.site(),
                    finding.place(),
                    Numbers.shortest(finding.value()),
                    Numbers.beside(finding.sum(), finding.value()));
        for (String part : Columns.wrap(where, width - 2)) {
          terminal.line("  " + style.faint(part));
        }
      }
    }
  }

  private static Optional<Finding> worst(List<Finding> findings, Audit audit) {
    return findings.stream()
        .max(
            Comparator.comparing((Finding f) -> !f.holds(audit.limit()))
                .thenComparingDouble(Finding::relative));
  }

  private static List<Finding> joined(List<Finding> a, List<Finding> b) {
    return Stream.concat(a.stream(), b.stream()).toList();
  }

  private static String holds(Audit audit) {
    String edited = audit.broken().isEmpty() ? "" : ", but where edits broke in";
    return audit.holds() ? "holds" + edited : "does not hold";
  }

  private static String verdict(Finding worst, List<Finding> findings, Style style) {
    if (worst.exact()) {
      long differing = findings.stream().mapToLong(Finding::differing).sum();
      return differing == 0 ? "to the bit" : differing + " differ";
    }
    String error =
        worst.relative() == 0
            ? Double.isNaN(worst.value()) ? "NaN" : "0"
            : String.format(Locale.ROOT, "%.1e", worst.relative());
    return findings.size() == 1 ? error : style.times() + findings.size() + "  " + error;
  }

  private static String ascii(String formula, Style style) {
    return style.unicode()
        ? formula
        : formula
            .replace("Σ", "sum")
            .replace("√", "sqrt")
            .replace("²", "^2")
            .replace("ε", "epsilon")
            .replace("·", "*");
  }
}
