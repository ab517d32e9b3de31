package dev.vitrine.cli.verbs;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.cli.edit.EditOptions;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.weights.TensorWriter;
import dev.vitrine.weights.npz.NpzWriter;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes tensors of a run to a file. */
@Command(
    name = "dump",
    description = "Write any tensors of a run to a file, each under its name.",
    footer = {
      "",
      "Several prompts (repeat PROMPT, --file or --ids) stack along the batch axis, which is",
      "always first; where their lengths differ, each tensor is named 0/SITE, 1/SITE, …",
      "Numbers are F64 from the reference backend, F32 from others. The metadata hold tokens,",
      "ids, edits, config, version, model, model_hash, backend and view.",
      "--json: {\"out\", \"tensors\": [{\"name\", \"shape\"}], \"dtype\", \"version\", \"model\","
          + " \"model_hash\", \"backend\", \"view\"}."
    })
public final class Dump implements Verb {
  @Mixin private PromptOptions prompt = new PromptOptions();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Where to; the ending .safetensors or .npz chooses the format.")
  private String out = "";

  @Option(
      names = "--sites",
      paramLabel = "GLOB",
      description =
          "Which sites, by name or alias: * stands for any characters, ? for one (repeatable;"
              + " default \"*\", all). One that no site has may name weights: \"*.attn.W_Q\", or"
              + " W_Q for all layers.")
  private List<String> sites = new ArrayList<>();

  @Option(
      names = "--weights",
      description = "Write all weights too, under TransformerLens's names; needs no prompt.")
  private boolean weights;

  @Mixin private EditOptions edits = new EditOptions();
  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Dump() {}

  @Override
  public int run(Terminal terminal) {
    if (!weights || prompt.isGiven() || edits.isNamed()) {
      edits.check(prompt, "dump", Integer.MAX_VALUE);
    }
    Path file = file();
    try (Gpt2 loaded = model.load(terminal.err())) {
      List<Tokens> prompts = edits.prompts(loaded, prompt, terminal, Integer.MAX_VALUE);
      prompts.forEach(loaded::checked);
      WeightDump weightDump = WeightDump.of(loaded, sites, weights);
      DumpPlan plan = DumpPlan.of(loaded, prompts, siteGlobs(weightDump, prompts));
      Batch edited = edited(loaded, prompts, plan, terminal);
      int count = plan.names().size() + weightDump.names().size();
      try (TensorWriter writer = writer(file);
          Progress progress = new Progress("dump", count, terminal)) {
        plan.declare(writer, edited, model);
        weightDump.declare(writer);
        if (!plan.names().isEmpty()) {
          plan.write(writer, edited, progress);
        }
        weightDump.write(writer, progress);
        writer.finish();
      }
      report(plan, weightDump, loaded, terminal);
    }
    return 0;
  }

  /** Edits are applied before the file is begun: a wrong one leaves nothing. */
  private Batch edited(Gpt2 loaded, List<Tokens> prompts, DumpPlan plan, Terminal terminal) {
    if (plan.names().isEmpty()) {
      return new Batch(List.of());
    }
    Batch edited = edits.apply(loaded.traces(prompts), prompt);
    Receipts.warn(edited, terminal.err());
    return edited;
  }

  private List<String> siteGlobs(WeightDump weightDump, List<Tokens> prompts) {
    if (prompts.isEmpty()) {
      return List.of();
    }
    return sites.isEmpty() ? List.of("*") : weightDump.siteGlobs();
  }

  private Path file() {
    if (!out.endsWith(".safetensors") && !out.endsWith(".npz")) {
      throw new UsageException("--out must end in .safetensors or .npz, not \"" + out + "\"");
    }
    try {
      return Path.of(out);
    } catch (InvalidPathException e) {
      throw new UsageException("--out " + out + " is no path: " + e.getReason());
    }
  }

  private static TensorWriter writer(Path file) {
    return file.toString().endsWith(".npz")
        ? NpzWriter.create(file)
        : SafetensorsWriter.create(file);
  }

  private void report(DumpPlan plan, WeightDump weightDump, Gpt2 loaded, Terminal terminal) {
    if (!output.json()) {
      int count = plan.names().size() + weightDump.names().size();
      terminal.err().printf("%d %s in %s%n", count, count == 1 ? "tensor" : "tensors", out);
      return;
    }
    Json.print(
        terminal,
        json -> {
          json.writeStringField("out", out);
          json.writeArrayFieldStart("tensors");
          for (DumpPlan.Entry entry : plan.entries()) {
            write(json, entry.name(), entry.shape());
          }
          for (String name : weightDump.names()) {
            write(json, name, weightDump.shape(name));
          }
          json.writeEndArray();
          json.writeStringField("dtype", plan.dtype().toString());
          model.writeProvenance(json, loaded);
        });
  }

  private static void write(JsonGenerator json, String name, List<Long> shape) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeArrayFieldStart("shape");
    for (long length : shape) {
      json.writeNumber(length);
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
