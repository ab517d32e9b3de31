package dev.vitrine.cli.weights;

import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.ModelFiles;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.inspect.Inspection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what a file of weights is. */
@Command(
    name = "inspect",
    description = "Show what a file of weights is: the model and its tensors.",
    footer = {
      "",
      "Reads safetensors (also in shards), PyTorch's .bin, .pt and .pth, GGUF",
      "and npz, by content, not by ending. A file that is no GPT-2 is shown",
      "as tensors. Where the terminal is narrow, --json still has all.",
      "--json:",
      "  file, format",
      "  parameters   the model's: no masks, a tied unembedding once",
      "  config       {layers, heads, d_model, …}; null if it is no GPT-2,",
      "  refused      and why, else null",
      "  parts        {token_embedding, …}: the parameters of each part",
      "  tensors      [{name, dtype, shape, min, max, mean, norm, nan,",
      "               infinite}]; min to norm are of the finite elements,",
      "               \"NaN\" where there is none",
      "  version, hash (of a GPT-2, else null)"
    })
public final class Inspect implements Verb {
  @Parameters(
      paramLabel = "FILE",
      description =
          "A file, a model's directory, \"embedded\", or a name such as gpt2 that is in the Hugging"
              + " Face cache.")
  private String file = "";

  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Inspect() {}

  @Override
  public int run(Terminal terminal) {
    ModelFiles found;
    try {
      found = ModelFiles.find(file);
    } catch (RuntimeException e) {
      inspectTensors(e, terminal);
      return 0;
    }
    try (ModelFiles model = found;
        Steps steps = Steps.of("inspect", terminal)) {
      Inspection inspection = Inspection.of(model.weights(), steps);
      steps.end();
      if (output.json()) {
        String hash = model.weights().hash();
        Json.print(terminal, json -> InspectJson.write(json, file, inspection, null, hash));
      } else {
        InspectScreen.print(inspection, file, terminal);
      }
    }
    return 0;
  }

  /** A file may be sound and no GPT-2; if it is not sound either, that is said. */
  private void inspectTensors(RuntimeException why, Terminal terminal) {
    if (file.equals(ModelFiles.EMBEDDED)) {
      throw why;
    }
    try (Checkpoint checkpoint = Checkpoint.open(ModelFiles.locate(file));
        Steps steps = Steps.of("inspect", terminal)) {
      Inspection inspection = Inspection.of(checkpoint, steps);
      steps.end();
      String refused = why.getMessage() == null ? why.toString() : why.getMessage();
      if (output.json()) {
        Json.print(terminal, json -> InspectJson.write(json, file, inspection, refused, null));
      } else {
        InspectScreen.print(inspection, file, terminal);
        terminal.flush();
        terminal.err().println("vitrine: shown as tensors only: " + refused);
      }
    } catch (WeightsException broken) {
      broken.addSuppressed(why);
      throw broken;
    }
  }
}
