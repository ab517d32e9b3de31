package dev.vitrine.model;

import dev.vitrine.text.Spelling;
import dev.vitrine.text.Tokenizer;
import dev.vitrine.text.TokenizerException;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.convert.GgufExport;
import dev.vitrine.weights.hub.Hub;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** The files of a model, found by the name that a person gives it. */
public final class ModelFiles implements AutoCloseable {

  /** The name of the model that is built in. */
  public static final String EMBEDDED = "embedded";

  private static final String RESOURCES = "/dev/vitrine/embedded/";
  private static final System.Logger LOG = System.getLogger(ModelFiles.class.getName());

  private final Gpt2Weights weights;
  private final Supplier<Optional<Supplier<Tokenizer>>> tokenizer;

  private ModelFiles(Gpt2Weights weights, Supplier<Optional<Supplier<Tokenizer>>> tokenizer) {
    this.weights = weights;
    this.tokenizer = tokenizer;
  }

  /**
   * Finds a model: {@value #EMBEDDED}, the path of a model's directory or of its weights, or the
   * name of a model on the hub that is in the Hugging Face cache of this machine, in this order.
   * Nothing is fetched.
   *
   * @throws WeightsException if there is no sound model of that name
   */
  public static ModelFiles find(String name) {
    return find(name, Hub::ofEnvironment);
  }

  static ModelFiles find(String name, Supplier<Hub> hub) {
    if (name.equals(EMBEDDED)) {
      return embedded();
    }
    Path path = locate(name, hub);
    Gpt2Weights weights = Gpt2Weights.open(path);
    int vocab = weights.config().vocab();
    return new ModelFiles(
        weights,
        () ->
            inside(name, weights)
                .map(ModelFiles::at)
                .or(() -> beside(path))
                .or(() ->
                    Optional.of(Tokenizer.gpt2())
                        .filter(gpt2 -> gpt2.size() == vocab)
                        .map(ModelFiles::at)));
  }

  /** The weights, open until this is closed. */
  public Gpt2Weights weights() {
    return weights;
  }

  /**
   * Reads the tokenizer that came with the weights; where there is none and the sizes agree, it is
   * GPT-2's own.
   *
   * @throws dev.vitrine.text.TokenizerException if that beside the weights is broken
   */
  public Optional<Tokenizer> tokenizer() {
    return tokenizer.get().map(Supplier::get);
  }

  /**
   * The same, understood when it is first asked for, which may be after this is closed; see {@link
   * Tokenizer#readLater}.
   */
  Optional<Supplier<Tokenizer>> tokenizerLater() {
    return tokenizer.get();
  }

  private static Supplier<Tokenizer> at(Tokenizer tokenizer) {
    return () -> tokenizer;
  }

  /**
   * The path that a name means: itself, or that of a model in the cache.
   *
   * @throws WeightsException if it means none
   */
  public static Path locate(String name) {
    return locate(name, Hub::ofEnvironment);
  }

  private static Path locate(String name, Supplier<Hub> hub) {
    Path path = path(name);
    if (Files.exists(path)) {
      return path;
    }
    if (!Hub.isName(name)) {
      throw new WeightsException(
          name
              + ": no such model; give \"embedded\" for the one that is built in, the path of a"
              + " directory with config.json and model.safetensors, or a hub's name such as gpt2");
    }
    return hub.get()
        .cached(name)
        .orElseThrow(() ->
            new WeightsException(
                name
                    + ": no such model, neither a path nor in the Hugging Face cache; fetch it with"
                    + " ./vitrine weights fetch "
                    + name
                    + ", or give \"embedded\" for the one that is built in"));
  }

  /** GGUF may hold any vocabulary; its model can do without one that is not GPT-2's kind. */
  private static Optional<Tokenizer> inside(String name, Gpt2Weights weights) {
    GgufExport.Vocabulary inside = GgufExport.Vocabulary.of(weights);
    if (inside.tokens().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Tokenizer.of(name, new Spelling(inside.tokens(), inside.merges())));
    } catch (TokenizerException e) {
      LOG.log(System.Logger.Level.DEBUG, "the tokenizer inside is not used", e);
      return Optional.empty();
    }
  }

  private static Optional<Supplier<Tokenizer>> beside(Path path) {
    Path directory = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    return directory == null ? Optional.empty() : Tokenizer.readLater(directory);
  }

  /**
   * A file that lies beside the weights of a model, such as {@code vocab.json}; the caller closes
   * it.
   *
   * @throws WeightsException if it cannot be read
   */
  public static Optional<InputStream> beside(String name, String file) {
    try {
      if (name.equals(EMBEDDED)) {
        return Optional.ofNullable(ModelFiles.class.getResourceAsStream(RESOURCES + file));
      }
      Path path = locate(name);
      Path beside = Files.isDirectory(path) ? path.resolve(file) : path.resolveSibling(file);
      return Files.isRegularFile(beside)
          ? Optional.of(Files.newInputStream(beside))
          : Optional.empty();
    } catch (IOException e) {
      throw new WeightsException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new WeightsException(name + ": is not a path: " + e.getReason());
    }
  }

  private static ModelFiles embedded() {
    Tokenizer tokenizer;
    try (InputStream vocab = resource("vocab.json");
        InputStream merges = resource("merges.txt")) {
      tokenizer = Tokenizer.of("the built-in vocabulary", vocab, merges);
    } catch (IOException e) {
      throw unreadable(e);
    }
    Gpt2Weights weights =
        Gpt2Weights.open("the built-in model", bytes("config.json"), bytes("model.safetensors"));
    return new ModelFiles(weights, () -> Optional.of(at(tokenizer)));
  }

  private static byte[] bytes(String name) {
    try (InputStream stream = resource(name)) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static InputStream resource(String name) {
    InputStream stream = ModelFiles.class.getResourceAsStream(RESOURCES + name);
    if (stream == null) {
      throw new WeightsException(
          "the built-in model is not on the class path: add the artifact"
              + " dev.vitrine:vitrine-embedded, or give a model's directory");
    }
    return stream;
  }

  private static WeightsException unreadable(IOException e) {
    return new WeightsException("the built-in model cannot be read: " + e.getMessage());
  }

  @Override
  public void close() {
    weights.close();
  }
}
