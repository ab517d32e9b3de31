package dev.vitrine.weights;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.json.JsonObject;
import dev.vitrine.weights.naming.ConfigReader;
import dev.vitrine.weights.naming.GgufConfig;
import dev.vitrine.weights.naming.GgufNames;
import dev.vitrine.weights.naming.HuggingFace;
import dev.vitrine.weights.naming.Layout;
import dev.vitrine.weights.naming.TransformerLens;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint opened as a GPT-2: its weights by their part in the model, of checked shapes.
 *
 * <p>Nothing is read but names, shapes and the configuration until a {@link Source} or a vector is
 * asked for. Safe for use by several threads. After {@link #close()} only {@link #config()}
 * answers, and {@link #hash()} if it was asked before.
 */
public final class Gpt2Weights implements AutoCloseable {

  private static final int HASH_CHUNK = 1 << 16;

  private final Checkpoint checkpoint;
  private final Config config;
  private final Layout layout;
  private @Nullable String hash;

  private Gpt2Weights(Checkpoint checkpoint, Config config) {
    this.checkpoint = checkpoint;
    this.config = config;
    this.layout = layout(checkpoint, config);
  }

  private static Layout layout(Checkpoint checkpoint, Config config) {
    if (checkpoint.find("embed.W_E").isPresent()) {
      return new TransformerLens(checkpoint, config);
    }
    if (checkpoint.find("token_embd.weight").isPresent()) {
      return new GgufNames(checkpoint, config);
    }
    return new HuggingFace(checkpoint, config);
  }

  /**
   * Opens a directory with a configuration and weights, or the file of weights in it; GGUF needs no
   * configuration beside it.
   *
   * @throws WeightsException if it is no whole, sound GPT-2
   */
  public static Gpt2Weights open(Path path) {
    Path weights = ModelFolder.weights(path);
    return open(Checkpoint.openFile(weights), () -> ModelFolder.config(weights));
  }

  /**
   * Opens a configuration and weights that lie in memory, such as resources of a jar.
   *
   * @param origin the name to use in messages
   * @param config the text of a {@code config.json} or {@code tl_config.json}, in UTF-8
   * @param weights the content of a file of weights; must not be written to afterwards
   * @throws WeightsException if they are no whole, sound GPT-2
   */
  public static Gpt2Weights open(String origin, byte[] config, byte[] weights) {
    return open(
        Checkpoint.open(Storage.of(origin, weights)),
        () -> JsonObject.parse(origin + " (config)", config));
  }

  /** The checkpoint's own configuration counts, else that beside it. */
  private static Gpt2Weights open(Checkpoint checkpoint, Supplier<JsonObject> beside) {
    try {
      Config config = GgufConfig.find(checkpoint).orElseGet(() -> ConfigReader.read(beside.get()));
      return new Gpt2Weights(checkpoint, config);
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  /** What the architecture leaves open. */
  public Config config() {
    return config;
  }

  /** The tensors as the file names them. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /**
   * Identifies configuration and weights: SHA-256 over both, in hexadecimal. Computed when first
   * asked for, which reads the whole file.
   *
   * @throws WeightsException if the file cannot be read
   */
  public synchronized String hash() {
    String known = hash;
    if (known != null) {
      return known;
    }
    MessageDigest digest = sha256();
    digest.update(config.toString().getBytes(StandardCharsets.UTF_8));
    for (Storage storage : checkpoint.storages()) {
      byte[] bytes = new byte[(int) Math.min(HASH_CHUNK, storage.length())];
      for (long done = 0; done < storage.length(); done += bytes.length) {
        int some = (int) Math.min(bytes.length, storage.length() - done);
        storage.read(done, bytes, 0, some);
        digest.update(bytes, 0, some);
      }
    }
    String computed = HexFormat.of().formatHex(digest.digest());
    hash = computed;
    return computed;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** {@code [vocab, d_model]}. */
  public Source tokenEmbedding() {
    return layout.tokenEmbedding();
  }

  /** {@code [context, d_model]}, or null in a model without. */
  public @Nullable Source positionEmbedding() {
    return layout.positionEmbedding();
  }

  /** {@code [d_model, 3 · heads · d_head]}: all of Q, then K, then V, each head-major. */
  public Source qkv(int layer) {
    return layout.qkv(layer);
  }

  /** {@code [3 · heads · d_head]}, as the columns of {@link #qkv}. */
  public double[] qkvBias(int layer) {
    return layout.vector(Layout.Vector.QKV_BIAS, layer);
  }

  /** {@code [heads · d_head, d_model]}. */
  public Source attentionOutput(int layer) {
    return layout.attentionOutput(layer);
  }

  /** {@code [d_model]}. */
  public double[] attentionOutputBias(int layer) {
    return layout.vector(Layout.Vector.ATTENTION_OUTPUT_BIAS, layer);
  }

  /** {@code [d_model, d_mlp]}; not in an attention-only model. */
  public Source mlpIn(int layer) {
    return layout.mlpIn(layer);
  }

  /** {@code [d_mlp]}; not in an attention-only model. */
  public double[] mlpInBias(int layer) {
    return layout.vector(Layout.Vector.MLP_IN_BIAS, layer);
  }

  /** {@code [d_mlp, d_model]}; not in an attention-only model. */
  public Source mlpOut(int layer) {
    return layout.mlpOut(layer);
  }

  /** {@code [d_model]}; not in an attention-only model. */
  public double[] mlpOutBias(int layer) {
    return layout.vector(Layout.Vector.MLP_OUT_BIAS, layer);
  }

  /** {@code [d_model]}; only in a model with layer norm. */
  public double[] ln1Gain(int layer) {
    return layout.vector(Layout.Vector.LN1_GAIN, layer);
  }

  /** {@code [d_model]}; only in a model with layer norm. */
  public double[] ln1Bias(int layer) {
    return layout.vector(Layout.Vector.LN1_BIAS, layer);
  }

  /** {@code [d_model]}; only in a model with layer norm and MLPs. */
  public double[] ln2Gain(int layer) {
    return layout.vector(Layout.Vector.LN2_GAIN, layer);
  }

  /** {@code [d_model]}; only in a model with layer norm and MLPs. */
  public double[] ln2Bias(int layer) {
    return layout.vector(Layout.Vector.LN2_BIAS, layer);
  }

  /** {@code [d_model]}; only in a model with layer norm. */
  public double[] finalGain() {
    return layout.finalGain();
  }

  /** {@code [d_model]}; only in a model with layer norm. */
  public double[] finalBias() {
    return layout.finalBias();
  }

  /** {@code [vocab, d_model]}, one row a token; null if it is the token embedding. */
  public @Nullable Source unembedding() {
    return layout.unembedding();
  }

  /** {@code [vocab]}, or null in a model without. */
  public double @Nullable [] unembeddingBias() {
    return layout.unembeddingBias();
  }

  /** Closes the files. */
  @Override
  public void close() {
    checkpoint.close();
  }
}
