package dev.vitrine.weights.naming;

import dev.vitrine.kernels.Activation;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.json.JsonObject;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the configuration that GGUF keeps among its metadata. */
public final class GgufConfig {

  private static final String ARCHITECTURE = "general.architecture";

  private final Checkpoint checkpoint;

  private GgufConfig(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /**
   * The configuration that a checkpoint carries, or empty if it carries none.
   *
   * @throws WeightsException if it is no GPT-2's, or incomplete
   */
  public static Optional<Config> find(Checkpoint checkpoint) {
    String architecture = checkpoint.metadata().get(ARCHITECTURE);
    if (architecture == null || !checkpoint.format().startsWith("GGUF")) {
      return Optional.empty();
    }
    if (!architecture.equals("gpt2")) {
      throw new WeightsException(
          checkpoint.origin()
              + ": is no GPT-2 (its architecture is '"
              + architecture
              + "'); Vitrine runs models of the GPT-2 family");
    }
    return Optional.of(new GgufConfig(checkpoint).read());
  }

  private Config read() {
    int dModel = count("embedding_length");
    int heads = count("attention.head_count");
    if (dModel % heads != 0) {
      throw new WeightsException(
          checkpoint.origin()
              + ": embedding_length "
              + dModel
              + " is not a multiple of head_count "
              + heads);
    }
    int dHead = dModel / heads;
    StoredTensor embedding = checkpoint.tensor("token_embd.weight");
    long vocab = embedding.shape().isEmpty() ? 0 : embedding.shape().getFirst();
    if (vocab < 1 || vocab > JsonObject.MAX_COUNT) {
      throw new WeightsException(
          checkpoint.origin() + ": 'token_embd.weight' has shape " + embedding.shape());
    }
    return new Config(
        count("block_count"),
        heads,
        dModel,
        dHead,
        count("feed_forward_length"),
        count("context_length"),
        (int) vocab,
        epsilon(),
        Activation.GELU_NEW, // llama.cpp has no other for this architecture
        true,
        false,
        Math.sqrt(dHead),
        true,
        false,
        true,
        checkpoint.find("output.weight").isEmpty(),
        "gpt2",
        token("tokenizer.ggml.bos_token_id"),
        token("tokenizer.ggml.eos_token_id"));
  }

  private String text(String key) {
    String text = checkpoint.metadata().get("gpt2." + key);
    if (text == null) {
      throw new WeightsException(
          checkpoint.origin() + ": has no metadata 'gpt2." + key + "'; it is needed");
    }
    return text;
  }

  private int count(String key) {
    String text = text(key);
    int value = text.matches("[0-9]{1,8}") ? Integer.parseInt(text) : 0;
    if (value < 1 || value > JsonObject.MAX_COUNT) {
      throw wrong(key, text);
    }
    return value;
  }

  private WeightsException wrong(String key, String text) {
    return new WeightsException(
        checkpoint.origin() + ": metadata 'gpt2." + key + "' is " + brief(text) + "; not usable");
  }

  private static String brief(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  /**
   * Single precision in the file; as text it is again the number that the model was trained with.
   */
  private double epsilon() {
    String key = "attention.layer_norm_epsilon";
    String text = text(key);
    try {
      double epsilon = Double.parseDouble(text);
      if (epsilon >= 0 && epsilon < 1e6) {
        return epsilon;
      }
    } catch (NumberFormatException e) {
      // As wrong as any other text.
    }
    throw wrong(key, text);
  }

  private OptionalInt token(String key) {
    String text = checkpoint.metadata().get(key);
    return text != null && text.matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }
}
