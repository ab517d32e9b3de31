package dev.vitrine.cli.weights;

import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.options.Version;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.model.ModelFiles;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.TensorWriter;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.convert.ExactDtype;
import dev.vitrine.weights.convert.GgufExport;
import dev.vitrine.weights.convert.HuggingFaceExport;
import dev.vitrine.weights.convert.TransformerLensExport;
import dev.vitrine.weights.npz.NpzWriter;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model in another format. */
@Command(
    name = "convert",
    description = "Write a model in another format, number type or naming.",
    footer = {
      "",
      "Without --dtype nothing is lost: it is the narrowest type that the",
      "format has and that holds every number of IN. A number that the type",
      "cannot hold is an error, not infinity. In GGUF vectors and positions",
      "are always F32, as in llama.cpp's own converter, and the tokenizer is",
      "inside; else its files are copied. Large models are streamed.",
      "--json:",
      "  in, out      the weights' file",
      "  files        all that was written",
      "  format, dtype, exact",
      "  names        hf, tl or gguf",
      "  tokenizer    whether there is one",
      "  version, hash (of what was written)"
    })
public final class Convert implements Verb {
  @Parameters(
      index = "0",
      paramLabel = "IN",
      description =
          "A file, a model's directory, \"embedded\", or a name such as gpt2 that is in the Hugging"
              + " Face cache.")
  private String in = "";

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description =
          "A folder for model.safetensors, or a file whose ending .safetensors, .gguf or .npz"
              + " chooses the format; configuration and tokenizer go beside it.")
  private String out = "";

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "f64, f32, f16 or bf16; in GGUF f32, f16, bf16 or q8_0; in npz f64, f32 or f16.")
  private @Nullable String type;

  @Option(
      names = "--names",
      paramLabel = "NAMING",
      description =
          "hf (default) for Hugging Face's names, tl for TransformerLens' (blocks.0.attn.W_Q …)."
              + " GGUF has its own.")
  private @Nullable String names;

  @Option(names = "--overwrite", description = "Replace files that are there already.")
  private boolean overwrite;

  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Convert() {}

  @Override
  public int run(Terminal terminal) {
    Target target = Target.of(out);
    boolean gguf = target.format() == Target.Format.GGUF;
    if (names != null && (gguf || !(names.equals("hf") || names.equals("tl")))) {
      throw new UsageException(
          gguf
              ? "--names is not for GGUF, which has its own"
              : "--names is hf or tl, not \"" + names + "\"");
    }
    Dtype asked = type == null ? null : target.dtype(type);
    boolean lens = "tl".equals(names);
    try (ModelFiles model = ModelFiles.find(in);
        Steps steps = Steps.of("convert", terminal)) {
      Gpt2Weights weights = model.weights();
      Dtype exact = ExactDtype.of(weights.checkpoint());
      Dtype dtype = asked != null ? asked : nearest(exact, target.format());
      Companions companions = Companions.of(in, model);
      Path config = gguf ? null : target.folder().resolve(lens ? "tl_config.json" : "config.json");
      List<Path> files = files(target, config, companions);
      boolean made = prepare(target.folder(), files);
      try {
        write(weights, target, dtype, lens, companions, steps);
      } catch (RuntimeException e) {
        if (made) {
          deleteIfEmpty(target.folder());
        }
        throw e;
      }
      if (config != null) {
        finish(weights.config(), config, lens, companions, files);
      }
      steps.end();
      report(target, dtype, ExactDtype.holds(dtype, exact), lens, companions, files, terminal);
    }
    return 0;
  }

  private static Dtype nearest(Dtype exact, Target.Format format) {
    if (format.dtypes().contains(exact)) {
      return exact;
    }
    return Dtype.F32; // all formats have it; of F64 in GGUF, the widest that there is
  }

  /** What is going to be written, the weights first. */
  private List<Path> files(Target target, @Nullable Path config, Companions companions) {
    List<Path> files = new ArrayList<>(List.of(target.file().toAbsolutePath()));
    if (config == null) {
      return files;
    }
    boolean home = isHome(target.folder());
    // Beside the model that is converted its configuration and tokenizer lie already.
    if (!home || !Files.exists(config)) {
      files.add(config);
    }
    if (!home) {
      companions.names().forEach(name -> files.add(target.folder().resolve(name)));
    }
    return files;
  }

  private boolean isHome(Path folder) {
    if (in.equals(ModelFiles.EMBEDDED)) {
      return false;
    }
    Path path = ModelFiles.locate(in).toAbsolutePath();
    Path home = Files.isDirectory(path) ? path : path.getParent();
    try {
      return home != null && Files.exists(folder) && Files.isSameFile(home, folder);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the folder was made. */
  private boolean prepare(Path folder, List<Path> files) {
    for (Path file : files) {
      if (Files.exists(file) && !overwrite) {
        throw new WeightsException(
            file + ": is there already; name another place, or replace it with --overwrite");
      }
    }
    if (Files.isDirectory(folder)) {
      return false;
    }
    try {
      Files.createDirectories(folder);
      return true;
    } catch (IOException e) {
      throw new WeightsException(
          folder + ": cannot be made a folder (" + e.getMessage() + "); name another", e);
    }
  }

  private static void deleteIfEmpty(Path folder) {
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // It is not empty, or not ours any more.
    }
  }

  private static void write(
      Gpt2Weights weights,
      Target target,
      Dtype dtype,
      boolean lens,
      Companions companions,
      Steps steps) {
    if (target.format() == Target.Format.GGUF) {
      GgufExport.write(weights, target.file(), dtype, companions.vocabulary(), steps);
      return;
    }
    try (TensorWriter writer =
        target.format() == Target.Format.NPZ
            ? NpzWriter.create(target.file())
            : SafetensorsWriter.create(target.file())) {
      if (lens) {
        TransformerLensExport.write(weights, writer, dtype, steps);
      } else {
        HuggingFaceExport.write(weights, writer, dtype, steps);
      }
    }
  }

  private static void finish(
      Config config, Path file, boolean lens, Companions companions, List<Path> files) {
    if (files.size() > 2 || (files.size() == 2 && !files.contains(file))) {
      companions.writeTo(file.resolveSibling("."));
    }
    if (files.contains(file)) {
      if (lens) {
        TransformerLensExport.writeConfig(config, file);
      } else {
        HuggingFaceExport.writeConfig(config, file);
      }
    }
  }

  private void report(
      Target target,
      Dtype dtype,
      boolean exact,
      boolean lens,
      Companions companions,
      List<Path> files,
      Terminal terminal) {
    boolean tokenizer = !companions.vocabulary().tokens().isEmpty();
    if (!output.json()) {
      terminal
          .err()
          .printf(
              "%s in %s, %s%s%n",
              dtype,
              files.size() == 1 ? target.file() : files.size() + " files in " + target.folder(),
              exact ? "exact" : "rounded",
              tokenizer ? "" : "; no tokenizer beside IN: only ids will be understood");
      return;
    }
    String hash;
    try (Gpt2Weights written = Gpt2Weights.open(target.file())) {
      hash = written.hash();
    }
    Json.print(
        terminal,
        json -> {
          json.writeStringField("in", in);
          json.writeStringField("out", target.file().toString());
          json.writeArrayFieldStart("files");
          for (Path file : files) {
            json.writeString(file.toString());
          }
          json.writeEndArray();
          json.writeStringField("format", target.format().name().toLowerCase(Locale.ROOT));
          json.writeStringField("dtype", dtype.name());
          json.writeBooleanField("exact", exact);
          json.writeStringField(
              "names", target.format() == Target.Format.GGUF ? "gguf" : lens ? "tl" : "hf");
          json.writeBooleanField("tokenizer", tokenizer);
          json.writeStringField("version", Version.text());
          json.writeStringField("hash", hash);
        });
  }
}
