package dev.vitrine.trace;

import dev.vitrine.text.Tokens;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Writes GPT-2s of odd shapes with random weights, as Hugging Face would have them. */
public record RandomGpt2(int layers, int heads, int dHead, int dMlp, int context, int vocab) {

  /** Small, and of no round sizes. */
  public static RandomGpt2 ofOddShape(Random random) {
    return new RandomGpt2(
        1 + random.nextInt(3),
        1 + random.nextInt(5),
        1 + random.nextInt(19),
        1 + random.nextInt(150),
        8 + random.nextInt(40),
        5 + random.nextInt(90));
  }

  int dModel() {
    return heads * dHead;
  }

  /** Writes its files into {@code directory}. */
  public Path write(Path directory, Random random) throws IOException {
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"model_type": "gpt2", "n_layer": %d, "n_head": %d, "n_embd": %d, "n_inner": %d,
         "n_positions": %d, "vocab_size": %d, "activation_function": "gelu_new",
         "layer_norm_epsilon": 1e-5}
        """
            .formatted(layers, heads, dModel(), dMlp, context, vocab));
    Map<String, long[]> shapes = shapes();
    Path file = directory.resolve("model.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.create(file)) {
      shapes.forEach((name, shape) -> writer.declare(name, Dtype.F32, shape));
      shapes.forEach((name, shape) -> writer.write(name, weights(name, shape, random)));
      writer.finish();
    }
    return directory;
  }

  private Map<String, long[]> shapes() {
    long d = dModel();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put("wte.weight", new long[] {vocab, d});
    shapes.put("wpe.weight", new long[] {context, d});
    for (int layer = 0; layer < layers; layer++) {
      String h = "h." + layer + ".";
      linear(shapes, h + "attn.c_attn", d, 3 * d);
      linear(shapes, h + "attn.c_proj", d, d);
      linear(shapes, h + "mlp.c_fc", d, dMlp);
      linear(shapes, h + "mlp.c_proj", dMlp, d);
      norm(shapes, h + "ln_1", d);
      norm(shapes, h + "ln_2", d);
    }
    norm(shapes, "ln_f", d);
    return shapes;
  }

  private static void linear(Map<String, long[]> shapes, String name, long in, long out) {
    shapes.put(name + ".weight", new long[] {in, out});
    shapes.put(name + ".bias", new long[] {out});
  }

  private static void norm(Map<String, long[]> shapes, String name, long width) {
    shapes.put(name + ".weight", new long[] {width});
    shapes.put(name + ".bias", new long[] {width});
  }

  private static float[] weights(String name, long[] shape, Random random) {
    int size = (int) (shape.length == 1 ? shape[0] : shape[0] * shape[1]);
    float[] weights = new float[size];
    boolean gain = name.contains("ln_") && name.endsWith("weight");
    double spread = shape.length == 2 ? 1.5 / Math.sqrt(shape[1] + 1.0) : 0.2;
    for (int i = 0; i < size; i++) {
      weights[i] = (float) ((gain ? 1 : 0) + spread * random.nextGaussian());
    }
    return weights;
  }

  /** Some prompts of unequal length. */
  public List<Tokens> prompts(int count, Random random) {
    List<Tokens> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = 1 + random.nextInt(context);
      int[] ids = IntStream.range(0, length).map(p -> random.nextInt(vocab)).toArray();
      prompts.add(Tokens.ofIds(ids));
    }
    return prompts;
  }
}
