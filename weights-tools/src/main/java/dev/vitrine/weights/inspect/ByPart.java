package dev.vitrine.weights.inspect;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Gpt2Weights;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** The weights of any model under one set of names, so that two can be compared. */
final class ByPart {

  private final SequencedMap<String, Supplier<Source>> parts = new LinkedHashMap<>();

  private ByPart(Gpt2Weights weights) {
    Config config = weights.config();
    put("wte", () -> weights.tokenEmbedding());
    if (config.positions()) {
      put("wpe", () -> Objects.requireNonNull(weights.positionEmbedding()));
    }
    for (int i = 0; i < config.layers(); i++) {
      int layer = i;
      String block = "h." + layer + ".";
      if (config.layerNorm()) {
        put(block + "ln_1.gain", () -> new Row(weights.ln1Gain(layer)));
        put(block + "ln_1.bias", () -> new Row(weights.ln1Bias(layer)));
      }
      put(block + "attn.qkv", () -> weights.qkv(layer));
      put(block + "attn.qkv.bias", () -> new Row(weights.qkvBias(layer)));
      put(block + "attn.output", () -> weights.attentionOutput(layer));
      put(block + "attn.output.bias", () -> new Row(weights.attentionOutputBias(layer)));
      if (!config.attentionOnly()) {
        if (config.layerNorm()) {
          put(block + "ln_2.gain", () -> new Row(weights.ln2Gain(layer)));
          put(block + "ln_2.bias", () -> new Row(weights.ln2Bias(layer)));
        }
        put(block + "mlp.in", () -> weights.mlpIn(layer));
        put(block + "mlp.in.bias", () -> new Row(weights.mlpInBias(layer)));
        put(block + "mlp.out", () -> weights.mlpOut(layer));
        put(block + "mlp.out.bias", () -> new Row(weights.mlpOutBias(layer)));
      }
    }
    if (config.layerNorm()) {
      put("ln_f.gain", () -> new Row(weights.finalGain()));
      put("ln_f.bias", () -> new Row(weights.finalBias()));
    }
    // A tied model and one that stores the same unembedding apart are equal.
    put(
        "unembedding",
        () -> Objects.requireNonNullElseGet(weights.unembedding(), weights::tokenEmbedding));
    put(
        "unembedding.bias",
        () ->
            new Row(
                Objects.requireNonNullElseGet(
                    weights.unembeddingBias(), () -> new double[config.vocab()])));
  }

  /** Each is opened when it is asked for, as one that is read keeps some of it in memory. */
  static SequencedMap<String, Supplier<Source>> of(Gpt2Weights weights) {
    return new ByPart(weights).parts;
  }

  private void put(String name, Supplier<Source> source) {
    parts.put(name, source);
  }

  /** A vector as a table of one row. */
  private static final class Row implements Source {
    private final double[] values;

    Row(double[] values) {
      this.values = values;
    }

    @Override
    public int rows() {
      return 1;
    }

    @Override
    public int columns() {
      return values.length;
    }

    @Override
    public void read(int row, int from, int count, float[] into, int at) {
      for (int i = 0; i < count; i++) {
        into[at + i] = (float) values[from + i];
      }
    }

    @Override
    public void read(int row, int from, int count, double[] into, int at) {
      System.arraycopy(values, from, into, at, count);
    }
  }
}
