package dev.vitrine.weights.hub;

import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which of a model's files make a GPT-2. */
final class WantedFiles {

  static final String CONFIG = "config.json";

  /** Taken where they are there. */
  static final List<String> DESCRIPTIONS =
      List.of("generation_config.json", "tokenizer.json", "vocab.json", "merges.txt");

  /** The first that is there is taken. */
  private static final List<String> WEIGHTS =
      List.of(
          "model.safetensors",
          "model.safetensors.index.json",
          "pytorch_model.bin",
          "pytorch_model.bin.index.json");

  private static final String INDEX = ".index.json";
  private static final int MAX_JSON = 1 << 24;
  private static final int MAX_SHARDS = 1000;
  private static final Pattern SHARD =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,200}\\.(?:safetensors|bin)");

  private WantedFiles() {}

  static boolean isWeights(String file) {
    return SHARD.matcher(file).matches();
  }

  static boolean isIndex(String file) {
    return file.endsWith(INDEX);
  }

  /** The file of weights, or their index, that is preferred among these. */
  static Optional<String> weights(Set<String> files) {
    return WEIGHTS.stream().filter(files::contains).findFirst();
  }

  /**
   * Refuses what is no GPT-2 before its weights are fetched.
   *
   * @throws WeightsException if the configuration says that it is another model, or is broken
   */
  static void checkKind(String subject, Path config) {
    String type = json(config).text("model_type").orElse("gpt2");
    if (!type.equals("gpt2")) {
      throw new WeightsException(
          subject + ": is a '" + type + "', not a GPT-2; Vitrine runs models of the type gpt2");
    }
  }

  /**
   * The files that an index names.
   *
   * @throws WeightsException if it is broken, or names a file that cannot lie beside it
   */
  static Set<String> shards(Path index) {
    JsonObject map =
        json(index)
            .object("weight_map")
            .orElseThrow(() -> new WeightsException(index + ": has no weight_map; fetch it again"));
    Set<String> shards = new LinkedHashSet<>();
    for (String tensor : map.keys()) {
      String file = map.text(tensor).orElse("");
      if (!isWeights(file)) {
        String brief = file.length() > 60 ? file.substring(0, 60) + "…" : file;
        throw new WeightsException(
            index
                + ": names the file '"
                + brief
                + "', which is no file of weights beside it; it is"
                + " refused");
      }
      shards.add(file);
    }
    if (shards.isEmpty() || shards.size() > MAX_SHARDS) {
      throw new WeightsException(index + ": names " + shards.size() + " files; it is refused");
    }
    return shards;
  }

  /** Whether a folder holds a configuration and all files of its weights. */
  static boolean complete(Path folder) {
    if (!Files.isRegularFile(folder.resolve(CONFIG))) {
      return false;
    }
    for (String file : WEIGHTS) {
      Path path = folder.resolve(file);
      if (Files.isRegularFile(path) && (!isIndex(file) || allThere(path))) {
        return true;
      }
    }
    return false;
  }

  private static boolean allThere(Path index) {
    return shards(index).stream().map(index::resolveSibling).allMatch(Files::isRegularFile);
  }

  private static JsonObject json(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_JSON + 1);
      if (bytes.length > MAX_JSON) {
        throw new WeightsException(file + ": is too large for a description; it is refused");
      }
      return JsonObject.parse(file.toString(), bytes);
    } catch (IOException e) {
      throw new WeightsException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }
}
