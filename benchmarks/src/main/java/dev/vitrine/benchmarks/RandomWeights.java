package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A checkpoint of GPT-2 small's shape with seeded random weights: speed does not ask for meaning.
 */
final class RandomWeights {
  static final int LAYERS = 12;
  static final int WIDTH = 768;
  static final int CONTEXT = 1024;
  static final int VOCAB = 50257;

  private RandomWeights() {}

  /** How many numbers it has, 124 million. */
  static final long COUNT =
      (long) (VOCAB + CONTEXT) * WIDTH + LAYERS * (12L * WIDTH * WIDTH + 13L * WIDTH) + 2L * WIDTH;

  /** How many of them every token is multiplied by, but for the unembedding. */
  static final long IN_BLOCKS = LAYERS * 12L * WIDTH * WIDTH;

  /** How many the unembedding has. */
  static final long IN_UNEMBEDDING = (long) VOCAB * WIDTH;

  /** A model with such weights, which leaves no file behind. */
  static Gpt2 model(String backend, int threads) throws IOException {
    Path directory = write(1);
    try {
      return Gpt2.load(directory.toString(), Backends.open(backend, threads));
    } finally {
      delete(directory);
    }
  }

  /** Tokens that are as good as any. */
  static Tokens prompt(Gpt2 model, int length) {
    return model.tokens(IntStream.range(0, length).map(i -> i * 31 % VOCAB).toArray());
  }

  /** Deletes what {@link #write} wrote. */
  static void delete(Path directory) throws IOException {
    Files.delete(directory.resolve("model.safetensors"));
    Files.delete(directory.resolve("config.json"));
    Files.delete(directory);
  }

  /** Writes it to a new temporary directory. */
  static Path write(long seed) throws IOException {
    Path directory = Files.createTempDirectory("vitrine-benchmark");
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"model_type": "gpt2", "n_layer": %d, "n_head": 12, "n_embd": %d, "n_positions": %d,
         "vocab_size": %d, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5}
        """
            .formatted(LAYERS, WIDTH, CONTEXT, VOCAB));
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, long[]> shapes = shapes();
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(directory.resolve("model.safetensors"))) {
      shapes.forEach((name, shape) -> writer.declare(name, Dtype.F32, shape));
      shapes.forEach((name, shape) -> writer.write(name, random(name, shape, random)));
      writer.finish();
    }
    return directory;
  }

  private static Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put("wte.weight", new long[] {VOCAB, WIDTH});
    shapes.put("wpe.weight", new long[] {CONTEXT, WIDTH});
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "h." + layer + ".";
      linear(shapes, block + "attn.c_attn", WIDTH, 3 * WIDTH);
      linear(shapes, block + "attn.c_proj", WIDTH, WIDTH);
      linear(shapes, block + "mlp.c_fc", WIDTH, 4 * WIDTH);
      linear(shapes, block + "mlp.c_proj", 4 * WIDTH, WIDTH);
      norm(shapes, block + "ln_1");
      norm(shapes, block + "ln_2");
    }
    norm(shapes, "ln_f");
    return shapes;
  }

  private static void linear(Map<String, long[]> shapes, String name, long in, long out) {
    shapes.put(name + ".weight", new long[] {in, out});
    shapes.put(name + ".bias", new long[] {out});
  }

  private static void norm(Map<String, long[]> shapes, String name) {
    shapes.put(name + ".weight", new long[] {WIDTH});
    shapes.put(name + ".bias", new long[] {WIDTH});
  }

  private static float[] random(String name, long[] shape, SplittableRandom random) {
    float[] weights = new float[(int) (shape.length == 1 ? shape[0] : shape[0] * shape[1])];
    float centre = name.contains("ln_") && name.endsWith("weight") ? 1 : 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = centre + 0.07f * ((float) random.nextDouble() - 0.5f);
    }
    return weights;
  }
}
