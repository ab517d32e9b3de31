package dev.vitrine.cli;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A model of random weights whose tokens are the 256 bytes. */
final class TinyModel {
  private static final int WIDTH = 8;

  private TinyModel() {}

  static Path write(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 8, "n_positions": 64,
         "vocab_size": 256, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5}
        """);
    Files.writeString(folder.resolve("vocab.json"), vocabulary());
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n");
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put("wte.weight", new long[] {256, WIDTH});
    shapes.put("wpe.weight", new long[] {64, WIDTH});
    for (int layer = 0; layer < 2; layer++) {
      String h = "h." + layer + ".";
      norm(shapes, h + "ln_1");
      linear(shapes, h + "attn.c_attn", WIDTH, 3 * WIDTH);
      linear(shapes, h + "attn.c_proj", WIDTH, WIDTH);
      norm(shapes, h + "ln_2");
      linear(shapes, h + "mlp.c_fc", WIDTH, 4 * WIDTH);
      linear(shapes, h + "mlp.c_proj", 4 * WIDTH, WIDTH);
    }
    norm(shapes, "ln_f");
    write(folder.resolve("model.safetensors"), shapes);
    return folder;
  }

  private static void norm(Map<String, long[]> shapes, String name) {
    shapes.put(name + ".weight", new long[] {WIDTH});
    shapes.put(name + ".bias", new long[] {WIDTH});
  }

  private static void linear(Map<String, long[]> shapes, String name, int in, int out) {
    shapes.put(name + ".weight", new long[] {in, out});
    shapes.put(name + ".bias", new long[] {out});
  }

  private static void write(Path file, Map<String, long[]> shapes) {
    Random random = new Random(7);
    try (SafetensorsWriter writer = SafetensorsWriter.create(file)) {
      shapes.forEach((name, shape) -> writer.declare(name, Dtype.F32, shape));
      shapes.forEach((name, shape) -> {
        long size = 1;
        for (long length : shape) {
          size *= length;
        }
        float[] elements = new float[(int) size];
        for (int i = 0; i < elements.length; i++) {
          elements[i] = (float) random.nextGaussian();
        }
        writer.write(name, elements);
      });
      writer.finish();
    }
  }

  /** GPT-2's alphabet: bytes that cannot be seen are written as characters from 256 on. */
  private static String vocabulary() {
    Map<Integer, String> tokens = new TreeMap<>();
    int hidden = 256;
    for (int b = 0; b < 256; b++) {
      boolean visible = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
      int c = visible ? b : hidden++;
      tokens.put(b, "\"\\u%04x\": %d".formatted(c, b));
    }
    return "{" + String.join(", ", tokens.values()) + "}";
  }
}
