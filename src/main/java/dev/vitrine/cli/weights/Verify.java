package dev.vitrine.cli.weights;

import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.Version;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Label;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.ModelFiles;
import dev.vitrine.weights.inspect.Difference;
import dev.vitrine.weights.inspect.Inspection;
import dev.vitrine.weights.inspect.Verification;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says whether a model is sound, and whether it is another one. */
@Command(
    name = "verify",
    description = "Check that a file of weights is a whole, sound GPT-2.",
    footer = {
      "",
      "Checked are structure, names, shapes against the configuration, every",
      "element (NaN, infinite), layer norms that are all zero, and weights",
      "that are tied and stored twice. --against compares part by part,",
      "whatever the formats, names and layouts of the two. The exit code is",
      "0 if the model is sound (and equal), else 1.",
      "--json:",
      "  file, sound, faults, format, parameters",
      "  against      {file, equal, hash, differences: [{part, what,",
      "               elements, differing, greatest, relative}]} or null;",
      "               relative: to the greatest element of the other",
      "  version, hash"
    })
public final class Verify implements Verb {
  @Parameters(
      paramLabel = "FILE",
      description =
          "A file, a model's directory, \"embedded\", or a name such as gpt2 that is in the Hugging"
              + " Face cache.")
  private String file = "";

  @Option(
      names = "--against",
      paramLabel = "OTHER",
      description = "Compare with another model, named likewise.")
  private @Nullable String against;

  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Verify() {}

  /** What was found. */
  private record Finding(
      Verification verification,
      String format,
      long parameters,
      @Nullable String otherHash,
      List<Difference> differences) {
    boolean good() {
      return verification.faults().isEmpty() && differences.isEmpty();
    }
  }

  @Override
  public int run(Terminal terminal) {
    try (ModelFiles model = ModelFiles.find(file)) {
      Finding finding;
      if (against == null) {
        finding = find(model, null, terminal);
      } else {
        try (ModelFiles other = ModelFiles.find(against)) {
          finding = find(model, other, terminal);
        }
      }
      if (output.json()) {
        print(finding, terminal);
      } else {
        draw(finding, terminal);
      }
      return finding.good() ? 0 : 1;
    }
  }

  private Finding find(ModelFiles model, @Nullable ModelFiles other, Terminal terminal) {
    Verification verification;
    Inspection inspection;
    try (Steps steps = Steps.of("verify", terminal)) {
      inspection = Inspection.of(model.weights(), steps);
      verification = Verification.of(model.weights(), inspection);
    }
    List<Difference> differences = List.of();
    String hash = null;
    if (other != null) {
      try (Steps steps = Steps.of("compare", terminal)) {
        differences = Difference.between(model.weights(), other.weights(), steps);
      }
      hash = other.weights().hash();
    }
    return new Finding(
        verification, inspection.format(), inspection.parameters(), hash, differences);
  }

  private void draw(Finding finding, Terminal terminal) {
    Style style = Style.of(terminal);
    List<String> faults = finding.verification().faults();
    String sound =
        faults.isEmpty() ? "sound" : faults.size() == 1 ? "1 fault" : faults.size() + " faults";
    terminal.line(
        style.heading(
            String.join(
                style.dot(),
                Label.of(file, style),
                finding.format(),
                ModelDrawing.grouped(finding.parameters()) + " parameters",
                sound)));
    for (String fault : faults) {
      terminal.line("  " + style.negative(fault));
    }
    if (against != null) {
      drawDifferences(finding.differences(), against, style, terminal);
    }
    terminal.line("hash  " + finding.verification().hash());
  }

  private static void drawDifferences(
      List<Difference> differences, String against, Style style, Terminal terminal) {
    String other = Label.of(against, style);
    if (differences.isEmpty()) {
      terminal.line("equal to " + other + ", to the bit");
      return;
    }
    terminal.line("differs from " + other + " in " + differences.size() + " parts");
    int widest =
        differences.stream().mapToInt(difference -> difference.part().length()).max().orElse(0);
    for (Difference difference : differences) {
      terminal.line(
          Columns.fit(
              "  " + Columns.left(difference.part(), widest) + "  " + difference.what(),
              Math.max(terminal.width(), widest + 24),
              style));
    }
  }

  private void print(Finding finding, Terminal terminal) {
    Verification verification = finding.verification();
    Json.print(
        terminal,
        json -> {
          json.writeStringField("file", file);
          json.writeBooleanField("sound", verification.faults().isEmpty());
          json.writeArrayFieldStart("faults");
          for (String fault : verification.faults()) {
            json.writeString(fault);
          }
          json.writeEndArray();
          json.writeStringField("format", finding.format());
          json.writeNumberField("parameters", finding.parameters());
          if (against == null) {
            json.writeNullField("against");
          } else {
            json.writeObjectFieldStart("against");
            json.writeStringField("file", against);
            json.writeBooleanField("equal", finding.differences().isEmpty());
            json.writeStringField("hash", finding.otherHash());
            json.writeArrayFieldStart("differences");
            for (Difference difference : finding.differences()) {
              json.writeStartObject();
              json.writeStringField("part", difference.part());
              json.writeStringField("what", difference.what());
              json.writeNumberField("elements", difference.elements());
              json.writeNumberField("differing", difference.differing());
              json.writeNumberField("greatest", difference.greatest());
              json.writeNumberField("relative", difference.relative());
              json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
          }
          json.writeStringField("version", Version.text());
          json.writeStringField("hash", verification.hash());
        });
  }
}
