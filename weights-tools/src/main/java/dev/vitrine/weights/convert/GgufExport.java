package dev.vitrine.weights.convert;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.gguf.GgufWriter;
import java.nio.file.Path;
import java.util.List;

/** Writes a model as llama.cpp reads it. */
public final class GgufExport {

  private GgufExport() {}

  /**
   * A vocabulary to put into the file, without which llama.cpp does not take text.
   *
   * @param tokens every token as GPT-2's {@code vocab.json} spells it, by id
   * @param merges the lines of {@code merges.txt}, in order
   */
  public record Vocabulary(List<String> tokens, List<String> merges) {

    /** That of another file of GGUF, or empty lists if it has none. */
    public static Vocabulary of(Gpt2Weights weights) {
      return new Vocabulary(
          weights.checkpoint().list("tokenizer.ggml.tokens"),
          weights.checkpoint().list("tokenizer.ggml.merges"));
    }
  }

  /**
   * Writes the file.
   *
   * @param dtype F32, F16, BF16 or Q8_0, of the matrices; vectors and positions are F32, as
   *     llama.cpp's own converter has it
   * @throws WeightsException if llama.cpp knows no such GPT-2, or the file cannot be written
   */
  public static void write(Gpt2Weights weights, Path file, Dtype dtype, Vocabulary vocabulary) {
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
      writeVocabulary(writer, config, vocabulary);
      parts(weights, dtype).writeTo(writer);
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

  private static void writeVocabulary(GgufWriter writer, Config config, Vocabulary vocabulary) {
    config.bos().ifPresent(id -> writer.metadata("tokenizer.ggml.bos_token_id", id));
    config.eos().ifPresent(id -> writer.metadata("tokenizer.ggml.eos_token_id", id));
    if (vocabulary.tokens().isEmpty()) {
      return;
    }
    writer.metadata("tokenizer.ggml.model", "gpt2");
    writer.metadata("tokenizer.ggml.pre", "gpt-2");
    writer.texts("tokenizer.ggml.tokens", vocabulary.tokens());
    writer.texts("tokenizer.ggml.merges", vocabulary.merges());
    // 1 is a token of text, 3 one that only controls.
    int[] types =
        vocabulary.tokens().stream()
            .mapToInt(token -> token.startsWith("<|") && token.endsWith("|>") ? 3 : 1)
            .toArray();
    writer.integers("tokenizer.ggml.token_type", types);
  }

  private static Parts parts(Gpt2Weights weights, Dtype dtype) {
    Config config = weights.config();
    int d = config.dModel();
    Dtype plain = Dtype.F32;
    Parts parts = new Parts();
    parts.matrix("token_embd.weight", dtype, weights.tokenEmbedding());
    Source positions = weights.positionEmbedding();
    if (positions != null) {
      parts.matrix("position_embd.weight", plain, positions);
    }
    for (int i = 0; i < config.layers(); i++) {
      int layer = i;
      String block = "blk." + layer + ".";
      parts.vector(block + "attn_norm.weight", plain, d, () -> weights.ln1Gain(layer));
      parts.vector(block + "attn_norm.bias", plain, d, () -> weights.ln1Bias(layer));
      parts.transposed(block + "attn_qkv.weight", dtype, weights.qkv(layer));
      parts.vector(block + "attn_qkv.bias", plain, 3 * d, () -> weights.qkvBias(layer));
      parts.transposed(block + "attn_output.weight", dtype, weights.attentionOutput(layer));
      parts.vector(block + "attn_output.bias", plain, d, () -> weights.attentionOutputBias(layer));
      parts.vector(block + "ffn_norm.weight", plain, d, () -> weights.ln2Gain(layer));
      parts.vector(block + "ffn_norm.bias", plain, d, () -> weights.ln2Bias(layer));
      parts.transposed(block + "ffn_up.weight", dtype, weights.mlpIn(layer));
      parts.vector(block + "ffn_up.bias", plain, config.dMlp(), () -> weights.mlpInBias(layer));
      parts.transposed(block + "ffn_down.weight", dtype, weights.mlpOut(layer));
      parts.vector(block + "ffn_down.bias", plain, d, () -> weights.mlpOutBias(layer));
    }
    parts.vector("output_norm.weight", plain, d, weights::finalGain);
    parts.vector("output_norm.bias", plain, d, weights::finalBias);
    Source unembedding = weights.unembedding();
    if (unembedding != null) {
      parts.matrix("output.weight", dtype, unembedding);
    }
    return parts;
  }
}
