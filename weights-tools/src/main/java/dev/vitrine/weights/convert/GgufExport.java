package dev.vitrine.weights.convert;

import dev.vitrine.kernels.Activation;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.Progress;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.gguf.GgufWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes a model as llama.cpp reads it. */
public final class GgufExport {

  private static final int TEXT = 1;
  private static final int CONTROL = 3;
  private static final int UNUSED = 5;

  private GgufExport() {}

  /**
   * A vocabulary to put into the file, without which llama.cpp does not take text.
   *
   * @param tokens every token as GPT-2's {@code vocab.json} spells it, by id
   * @param merges the lines of {@code merges.txt}, in order
   */
  public record Vocabulary(List<String> tokens, List<String> merges) {

    /** No vocabulary: whoever reads the file must bring ids. */
    public static final Vocabulary NONE = new Vocabulary(List.of(), List.of());

    /** That of another file of GGUF without its padding, or {@link #NONE}. */
    public static Vocabulary of(Gpt2Weights weights) {
      List<String> tokens = weights.checkpoint().list("tokenizer.ggml.tokens");
      int size = tokens.size();
      while (size > 0 && tokens.get(size - 1).equals(padding(size - 1))) {
        size--;
      }
      return new Vocabulary(
          tokens.subList(0, size), weights.checkpoint().list("tokenizer.ggml.merges"));
    }

    /** What llama.cpp's own converter calls an id that no text encodes to. */
    private static String padding(int id) {
      return "[PAD" + id + "]";
    }

    /** As many tokens as the model has logits. */
    private List<String> padded(String origin, int size) {
      if (tokens.size() > size) {
        throw new WeightsException(
            origin
                + ": has "
                + size
                + " tokens, but the tokenizer beside it has "
                + tokens.size()
                + "; check that the two belong together");
      }
      List<String> all = new ArrayList<>(tokens);
      while (all.size() < size) {
        all.add(padding(all.size()));
      }
      return all;
    }
  }

  /**
   * Writes the file.
   *
   * @param dtype F32, F16, BF16 or Q8_0, of the matrices; vectors and positions are F32, as
   *     llama.cpp's own converter has it
   * @throws WeightsException if llama.cpp knows no such GPT-2, or the file cannot be written
   */
  public static void write(
      Gpt2Weights weights, Path file, Dtype dtype, Vocabulary vocabulary, Progress progress) {
    Parts.checkPlain(weights, "GGUF");
    Config config = weights.config();
    if (config.activation() != Activation.GELU_NEW
        || !config.scaleAttention()
        || config.scaleByInverseLayer()) {
      throw new WeightsException(
          weights.checkpoint().origin()
              + ": has another activation or attention scale than"
              + " GPT-2, which GGUF cannot say; write safetensors");
    }
    try (GgufWriter writer = GgufWriter.create(file)) {
      writeMetadata(writer, config, dtype);
      writeVocabulary(writer, weights, vocabulary);
      parts(weights, dtype).writeTo(writer, progress);
      writer.finish();
    }
  }

  private static void writeMetadata(GgufWriter writer, Config config, Dtype dtype) {
    writer.metadata("general.architecture", "gpt2");
    writer.metadata("gpt2.block_count", config.layers());
    writer.metadata("gpt2.context_length", config.context());
    writer.metadata("gpt2.embedding_length", config.dModel());
    writer.metadata("gpt2.feed_forward_length", config.dMlp());
    writer.metadata("gpt2.attention.head_count", config.heads());
    writer.metadata("gpt2.attention.layer_norm_epsilon", (float) config.layerNormEpsilon());
    int fileType =
        switch (dtype) {
          case F16 -> 1;
          case Q8_0 -> 7;
          case BF16 -> 32;
          default -> 0;
        };
    writer.metadata("general.file_type", fileType);
  }

  private static void writeVocabulary(
      GgufWriter writer, Gpt2Weights weights, Vocabulary vocabulary) {
    Config config = weights.config();
    writer.metadata("gpt2.vocab_size", config.vocab());
    config.bos().ifPresent(id -> writer.metadata("tokenizer.ggml.bos_token_id", id));
    config.eos().ifPresent(id -> writer.metadata("tokenizer.ggml.eos_token_id", id));
    if (vocabulary.tokens().isEmpty()) {
      writer.metadata("tokenizer.ggml.model", "no_vocab");
      return;
    }
    List<String> tokens = vocabulary.padded(weights.checkpoint().origin(), config.vocab());
    writer.metadata("tokenizer.ggml.model", "gpt2");
    writer.metadata("tokenizer.ggml.pre", "gpt-2");
    writer.texts("tokenizer.ggml.tokens", tokens);
    writer.texts("tokenizer.ggml.merges", vocabulary.merges());
    int[] types = new int[tokens.size()];
    for (int id = 0; id < types.length; id++) {
      String token = tokens.get(id);
      boolean controls = token.startsWith("<|") && token.endsWith("|>");
      types[id] = id >= vocabulary.tokens().size() ? UNUSED : controls ? CONTROL : TEXT;
    }
    writer.integers("tokenizer.ggml.token_type", types);
  }

  private static Parts parts(Gpt2Weights weights, Dtype dtype) {
    Config config = weights.config();
    int d = config.dModel();
    Dtype plain = Dtype.F32;
    Parts parts = new Parts();
    parts.matrix("token_embd.weight", dtype, weights::tokenEmbedding);
    parts.matrix("position_embd.weight", plain, () -> HuggingFaceExport.positions(weights));
    for (int i = 0; i < config.layers(); i++) {
      int layer = i;
      String block = "blk." + layer + ".";
      parts.vector(block + "attn_norm.weight", plain, d, () -> weights.ln1Gain(layer));
      parts.vector(block + "attn_norm.bias", plain, d, () -> weights.ln1Bias(layer));
      parts.transposed(block + "attn_qkv.weight", dtype, () -> weights.qkv(layer));
      parts.vector(block + "attn_qkv.bias", plain, 3 * d, () -> weights.qkvBias(layer));
      parts.transposed(block + "attn_output.weight", dtype, () -> weights.attentionOutput(layer));
      parts.vector(block + "attn_output.bias", plain, d, () -> weights.attentionOutputBias(layer));
      parts.vector(block + "ffn_norm.weight", plain, d, () -> weights.ln2Gain(layer));
      parts.vector(block + "ffn_norm.bias", plain, d, () -> weights.ln2Bias(layer));
      parts.transposed(block + "ffn_up.weight", dtype, () -> weights.mlpIn(layer));
      parts.vector(block + "ffn_up.bias", plain, config.dMlp(), () -> weights.mlpInBias(layer));
      parts.transposed(block + "ffn_down.weight", dtype, () -> weights.mlpOut(layer));
      parts.vector(block + "ffn_down.bias", plain, d, () -> weights.mlpOutBias(layer));
    }
    parts.vector("output_norm.weight", plain, d, weights::finalGain);
    parts.vector("output_norm.bias", plain, d, weights::finalBias);
    if (!config.tied()) {
      parts.matrix("output.weight", dtype, () -> HuggingFaceExport.unembedding(weights));
    }
    return parts;
  }
}
