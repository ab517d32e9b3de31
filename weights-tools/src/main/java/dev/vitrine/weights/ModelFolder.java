package dev.vitrine.weights;

import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the files of a model in its directory. */
final class ModelFolder {

  private static final List<String> CONFIGS = List.of("config.json", "tl_config.json");

  /** In the order of preference. */
  private static final List<String> WEIGHTS =
      List.of(
          "model.safetensors",
          "model.safetensors.index.json",
          "pytorch_model.bin",
          "pytorch_model.bin.index.json");

  private static final List<String> ENDINGS =
      List.of(".safetensors", ".gguf", ".bin", ".pt", ".pth", ".npz");

  private static final int MAX_CONFIG_BYTES = 1 << 20;

  private ModelFolder() {}

  /**
   * The file of weights: {@code path} itself, or the one in it.
   *
   * @throws WeightsException if there is none, or several of which none is preferred
   */
  static Path weights(Path path) {
    if (!Files.exists(path)) {
      throw new WeightsException(path + ": there is no such directory; check the path");
    }
    return Files.isDirectory(path) ? weightsIn(path) : path;
  }

  private static Path weightsIn(Path folder) {
    Optional<Path> preferred =
        WEIGHTS.stream().map(folder::resolve).filter(Files::exists).findFirst();
    if (preferred.isPresent()) {
      return preferred.get();
    }
    List<Path> others = others(folder);
    if (others.isEmpty()) {
      throw new WeightsException(
          folder
              + ": has no weights (such as model.safetensors, pytorch_model.bin or a .gguf);"
              + " check the path");
    }
    if (others.size() > 1) {
      throw new WeightsException(
          folder
              + ": has several files of weights, such as "
              + others.get(0).getFileName()
              + " and "
              + others.get(1).getFileName()
              + "; name the one to open");
    }
    return others.getFirst();
  }

  private static List<Path> others(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> ENDINGS.stream().anyMatch(file.toString()::endsWith))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new WeightsException(folder + ": cannot be listed (" + e.getMessage() + ")", e);
    }
  }

  /**
   * The configuration that lies beside a file of weights.
   *
   * @throws WeightsException if there is none, or it is broken
   */
  static JsonObject config(Path weights) {
    Path file =
        CONFIGS.stream()
            .map(weights::resolveSibling)
            .filter(Files::exists)
            .findFirst()
            .orElseThrow(() ->
                new WeightsException(
                    weights.resolveSibling(".").normalize()
                        + ": has no "
                        + String.join(" or ", CONFIGS)
                        + "; a model's directory needs its configuration and its weights"));
    try (Storage storage = Storage.of(file)) {
      if (storage.length() > MAX_CONFIG_BYTES) {
        throw new WeightsException(file + ": is too large for a configuration");
      }
      if (storage.length() == 0) {
        throw new WeightsException(file + ": is empty (0 bytes); fetch it again");
      }
      return JsonObject.parse(file.toString(), storage.read(0, (int) storage.length()));
    }
  }
}
