package dev.vitrine.model;

import dev.vitrine.text.Tokenizer;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files of a model, found by the name that a person gives it.
 *
 * @param weights open until this is closed
 */
record ModelFiles(Gpt2Weights weights, Optional<Tokenizer> tokenizer) implements AutoCloseable {

  static final String EMBEDDED = "embedded";
  private static final String RESOURCES = "/dev/vitrine/embedded/";

  static ModelFiles find(String name) {
    if (name.equals(EMBEDDED)) {
      return embedded();
    }
    Path path = path(name);
    if (!Files.exists(path)) {
      throw new WeightsException(
          name
              + ": no such model; give \"embedded\" for the one that is built in, or the path of a"
              + " directory with config.json and model.safetensors");
    }
    Gpt2Weights weights = Gpt2Weights.open(path);
    try {
      Path directory = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
      Optional<Tokenizer> own = directory == null ? Optional.empty() : Tokenizer.read(directory);
      boolean gpt2 = own.isEmpty() && weights.config().vocab() == Tokenizer.gpt2().size();
      return new ModelFiles(weights, gpt2 ? Optional.of(Tokenizer.gpt2()) : own);
    } catch (RuntimeException e) {
      weights.close();
      throw e;
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
    return new ModelFiles(weights, Optional.of(tokenizer));
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
