package dev.vitrine.weights;

import dev.vitrine.kernels.Activation;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;

/**
 * A random GPT-2 with two layers of odd sizes, under the names of Hugging Face and TransformerLens.
 */
public final class TinyModel {

  public static final int LAYERS = 2;
  public static final int HEADS = 3;
  public static final int D_HEAD = 2;
  public static final int D_MODEL = 6;
  public static final int D_MLP = 7;
  public static final int CONTEXT = 5;
  public static final int VOCAB = 11;

  /** A tensor in memory. */
  public static final class Values {
    private final long[] shape;
    private final float[] elements;

    public Values(long[] shape, float[] elements) {
      this.shape = shape;
      this.elements = elements;
    }

    public long[] shape() {
      return shape;
    }

    public float[] elements() {
      return elements;
    }
  }

  public final Map<String, Values> huggingFace = new LinkedHashMap<>();
  private final Random random = new Random(7);

  public TinyModel() {
    add("wte.weight", VOCAB, D_MODEL);
    add("wpe.weight", CONTEXT, D_MODEL);
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "h." + layer + ".";
      add(block + "ln_1.weight", D_MODEL);
      add(block + "ln_1.bias", D_MODEL);
      add(block + "attn.c_attn.weight", D_MODEL, 3 * D_MODEL);
      add(block + "attn.c_attn.bias", 3 * D_MODEL);
      add(block + "attn.c_proj.weight", D_MODEL, D_MODEL);
      add(block + "attn.c_proj.bias", D_MODEL);
      add(block + "ln_2.weight", D_MODEL);
      add(block + "ln_2.bias", D_MODEL);
      add(block + "mlp.c_fc.weight", D_MODEL, D_MLP);
      add(block + "mlp.c_fc.bias", D_MLP);
      add(block + "mlp.c_proj.weight", D_MLP, D_MODEL);
      add(block + "mlp.c_proj.bias", D_MODEL);
    }
    add("ln_f.weight", D_MODEL);
    add("ln_f.bias", D_MODEL);
  }

  private void add(String name, int... shape) {
    float[] elements = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) random.nextGaussian();
    }
    huggingFace.put(name, new Values(Arrays.stream(shape).asLongStream().toArray(), elements));
  }

  public Config config() {
    return new Config(
        LAYERS,
        HEADS,
        D_MODEL,
        D_HEAD,
        D_MLP,
        CONTEXT,
        VOCAB,
        1e-5,
        Activation.GELU_NEW,
        true,
        false,
        Math.sqrt(D_HEAD),
        true,
        false,
        true,
        true,
        "gpt2",
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  public String huggingFaceConfig() {
    return """
    {"model_type": "gpt2", "n_layer": 2, "n_head": 3, "n_embd": 6, "n_inner": 7, "n_positions": 5,
     "vocab_size": 11, "layer_norm_epsilon": 1e-05, "activation_function": "gelu_new"}
    """;
  }

  public String transformerLensConfig() {
    return """
    {"n_layers": 2, "n_heads": 3, "d_model": 6, "d_head": 2, "d_mlp": 7, "n_ctx": 5, "d_vocab": 11,
     "eps": 1e-05, "act_fn": "gelu_new", "normalization_type": "LN"}
    """;
  }

  /** The same weights as TransformerLens keeps them. */
  public Map<String, Values> transformerLens() {
    Map<String, Values> all = new LinkedHashMap<>();
    all.put("embed.W_E", get("wte.weight"));
    all.put("pos_embed.W_pos", get("wpe.weight"));
    for (int layer = 0; layer < LAYERS; layer++) {
      String from = "h." + layer + ".";
      String to = "blocks." + layer + ".";
      rename(all, from + "ln_1.weight", to + "ln1.w");
      rename(all, from + "ln_1.bias", to + "ln1.b");
      rename(all, from + "ln_2.weight", to + "ln2.w");
      rename(all, from + "ln_2.bias", to + "ln2.b");
      for (int part = 0; part < 3; part++) {
        String letter = "QKV".substring(part, part + 1);
        all.put(to + "attn.W_" + letter, heads(from + "attn.c_attn.weight", D_MODEL, part));
        float[] bias = heads(from + "attn.c_attn.bias", 1, part).elements();
        all.put(to + "attn.b_" + letter, new Values(new long[] {HEADS, D_HEAD}, bias));
      }
      float[] output = values(from + "attn.c_proj.weight");
      all.put(to + "attn.W_O", new Values(new long[] {HEADS, D_HEAD, D_MODEL}, output));
      rename(all, from + "attn.c_proj.bias", to + "attn.b_O");
      rename(all, from + "mlp.c_fc.weight", to + "mlp.W_in");
      rename(all, from + "mlp.c_fc.bias", to + "mlp.b_in");
      rename(all, from + "mlp.c_proj.weight", to + "mlp.W_out");
      rename(all, from + "mlp.c_proj.bias", to + "mlp.b_out");
    }
    rename(all, "ln_f.weight", "ln_final.w");
    rename(all, "ln_f.bias", "ln_final.b");
    float[] unembed = new float[VOCAB * D_MODEL];
    for (int i = 0; i < unembed.length; i++) {
      unembed[i] = values("wte.weight")[i % VOCAB * D_MODEL + i / VOCAB];
    }
    all.put("unembed.W_U", new Values(new long[] {D_MODEL, VOCAB}, unembed));
    all.put("unembed.b_U", new Values(new long[] {VOCAB}, new float[VOCAB]));
    return all;
  }

  /** {@code [rows, 3 · heads · d_head]} to {@code [heads, rows, d_head]}, one of the three. */
  private Values heads(String name, int rows, int part) {
    float[] from = values(name);
    float[] to = new float[HEADS * rows * D_HEAD];
    int at = 0;
    for (int head = 0; head < HEADS; head++) {
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < D_HEAD; i++) {
          to[at++] = from[row * 3 * D_MODEL + part * D_MODEL + head * D_HEAD + i];
        }
      }
    }
    return new Values(new long[] {HEADS, rows, D_HEAD}, to);
  }

  private void rename(Map<String, Values> all, String from, String to) {
    all.put(to, new Values(get(from).shape(), values(from)));
  }

  private Values get(String name) {
    return Objects.requireNonNull(huggingFace.get(name));
  }

  public float[] values(String name) {
    return get(name).elements();
  }

  public void writeHuggingFace(Path file, String prefix) {
    Map<String, Values> prefixed = new LinkedHashMap<>();
    huggingFace.forEach((name, values) -> prefixed.put(prefix + name, values));
    write(file, prefixed);
  }

  public static void write(Path file, Map<String, Values> tensors) {
    try (SafetensorsWriter writer = SafetensorsWriter.create(file)) {
      tensors.forEach((name, values) -> writer.declare(name, Dtype.F32, values.shape()));
      tensors.forEach((name, values) -> writer.write(name, values.elements()));
      writer.finish();
    }
  }
}
