package dev.vitrine.weights.sharded;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Reads {@code model.safetensors.index.json} and its like: which tensor lies in which file. */
public final class Sharded {

  private static final int MAX_INDEX = 16 << 20;
  private static final int MAX_SHARDS = 1000;

  private Sharded() {}

  /**
   * Opens the index and all files that it names.
   *
   * @throws WeightsException if a file is missing, broken, or elsewhere than beside the index
   */
  public static Checkpoint open(Path index) {
    JsonObject map = weightMap(index);
    SequencedMap<String, Checkpoint> shards = new LinkedHashMap<>();
    try {
      SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (String name : map.keys()) {
        String file = map.text(name).orElse("");
        Checkpoint shard = shards.get(file);
        if (shard == null) {
          // Not by path: an index that names indexes could go on for ever.
          shard = Checkpoint.open(Storage.of(place(index, file)));
          shards.put(file, shard);
        }
        tensors.put(name, shard.tensor(name));
      }
      checkAllNamed(shards, tensors);
      return Checkpoint.of(index.toString(), tensors, shards.values());
    } catch (RuntimeException e) {
      shards.values().forEach(Checkpoint::close);
      throw e;
    }
  }

  private static JsonObject weightMap(Path index) {
    try (Storage storage = Storage.of(index)) {
      if (storage.length() > MAX_INDEX) {
        throw new WeightsException(index + ": is too large for an index");
      }
      return JsonObject.parse(index.toString(), storage.read(0, (int) storage.length()))
          .object("weight_map")
          .orElseThrow(() ->
              new WeightsException(
                  index + ": is JSON, but no index of weights (it has no weight_map)"));
    }
  }

  private static Path place(Path index, String file) {
    boolean plain =
        !file.isEmpty()
            && !file.equals(".")
            && !file.equals("..")
            && file.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c == 0);
    if (!plain) {
      throw new WeightsException(
          index + ": names the file '" + file + "', which does not lie beside it; it is refused");
    }
    Path shard = index.resolveSibling(file);
    if (!Files.exists(shard)) {
      throw new WeightsException(shard + ": is missing, but the index names it; fetch it");
    }
    return shard;
  }

  private static void checkAllNamed(
      Map<String, Checkpoint> shards, Map<String, StoredTensor> tensors) {
    if (shards.size() > MAX_SHARDS) {
      throw new WeightsException("an index names " + shards.size() + " files");
    }
    for (Checkpoint shard : shards.values()) {
      for (StoredTensor tensor : shard.tensors()) {
        if (!tensor.equals(tensors.get(tensor.name()))) {
          throw new WeightsException(
              shard.origin()
                  + ": holds '"
                  + tensor.name()
                  + "', which the index does not place there; fetch all files again");
        }
      }
    }
  }
}
