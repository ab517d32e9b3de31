package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Precision;
import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Gpt2Weights;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a model, packed once by the backend that computes with them.
 *
 * <p>Columns of Q, K and V, and rows of W_O, are head-major: head h has {@code h · d_head … (h + 1)
 * · d_head - 1}.
 */
public final class Weights {

  /** The length of the blocks in which a product adds; see {@code kernels/CONTRACT.md}. */
  private static final int BLOCK = 128;

  /** Gain and bias of a layer norm, {@code [1, d_model]} each. */
  public record LayerNorm(Array gain, Array bias) {}

  /**
   * The two linear maps of an MLP.
   *
   * @param in W_in {@code [d_model, d_mlp]}
   * @param out W_out {@code [d_mlp, d_model]}
   */
  public record Mlp(Matrix in, Array inBias, Matrix out, Array outBias) {}

  /**
   * The weights of one block.
   *
   * @param qkv W_Q, W_K and W_V side by side, {@code [d_model, 3 · heads · d_head]}
   * @param attentionOut W_O {@code [heads · d_head, d_model]}, in blocks of d_head
   * @param ln1 null in a model without layer norm; so is ln2
   * @param maybeMlp null in an attention-only model
   */
  public record Block(
      @Nullable LayerNorm ln1,
      Matrix qkv,
      Array qkvBias,
      Matrix attentionOut,
      Array attentionOutBias,
      @Nullable LayerNorm ln2,
      @Nullable Mlp maybeMlp) {

    /** The MLP of a model that has them. */
    Mlp mlp() {
      return Objects.requireNonNull(maybeMlp, "the model is attention-only");
    }
  }

  private final Matrix embedding;
  private final @Nullable Matrix positions;
  private final List<Block> blocks;
  private final @Nullable LayerNorm lnFinal;
  private final Matrix unembedding;
  private final @Nullable Array unembeddingBias;

  Weights(
      Matrix embedding,
      @Nullable Matrix positions,
      List<Block> blocks,
      @Nullable LayerNorm lnFinal,
      Matrix unembedding,
      @Nullable Array unembeddingBias) {
    this.embedding = embedding;
    this.positions = positions;
    this.blocks = blocks;
    this.lnFinal = lnFinal;
    this.unembedding = unembedding;
    this.unembeddingBias = unembeddingBias;
  }

  /**
   * Packs the weights of a checkpoint for {@code backend}, which reads each of them once. Linear
   * maps and the token embedding are held with {@code precision}; what is small stays as it is.
   */
  static Weights pack(Gpt2Weights source, Backend backend, Precision precision) {
    return new Packing(source, backend, precision).pack();
  }

  /** W_E transposed, {@code [d_model, vocab]}: an embedding is a column. */
  Matrix embedding() {
    return embedding;
  }

  /** W_pos transposed, {@code [d_model, context]}; null in a model without positions. */
  @Nullable Matrix positions() {
    return positions;
  }

  Block block(int layer) {
    return blocks.get(layer);
  }

  @Nullable LayerNorm lnFinal() {
    return lnFinal;
  }

  /** W_U {@code [d_model, vocab]}; one with the embedding in a tied model. */
  Matrix unembedding() {
    return unembedding;
  }

  /** b_U {@code [1, vocab]}, or null. */
  @Nullable Array unembeddingBias() {
    return unembeddingBias;
  }

  private record Packing(Gpt2Weights source, Backend backend, Precision precision) {

    /** The largest first, so that threads that share the work end together. */
    Weights pack() {
      Config config = source.config();
      @Nullable Matrix[] tables = new Matrix[3];
      Block[] blocks = new Block[config.layers()];
      backend.share(
          tables.length + blocks.length,
          part -> {
            if (part < tables.length) {
              tables[part] = table(part);
            } else {
              blocks[part - tables.length] = block(part - tables.length, config);
            }
          });
      Matrix embedding = Objects.requireNonNull(tables[0]);
      Matrix own = tables[1];
      double[] bias = source.unembeddingBias();
      return new Weights(
          embedding,
          tables[2],
          List.of(blocks),
          config.layerNorm() ? norm(source.finalGain(), source.finalBias()) : null,
          own == null ? embedding : own,
          bias == null ? null : vector(bias));
    }

    /**
     * The token embedding, an unembedding of its own, and the positions; null where there is none.
     */
    private @Nullable Matrix table(int index) {
      Source table =
          switch (index) {
            case 0 -> source.tokenEmbedding();
            case 1 -> source.unembedding();
            default -> source.positionEmbedding();
          };
      return table == null
          ? null
          : backend.packTransposed(table, BLOCK, index == 2 ? Precision.F32 : precision);
    }

    Block block(int l, Config config) {
      boolean norms = config.layerNorm();
      return new Block(
          norms ? norm(source.ln1Gain(l), source.ln1Bias(l)) : null,
          backend.pack(source.qkv(l), BLOCK, precision),
          vector(source.qkvBias(l)),
          backend.pack(source.attentionOutput(l), config.dHead(), precision),
          vector(source.attentionOutputBias(l)),
          norms && !config.attentionOnly() ? norm(source.ln2Gain(l), source.ln2Bias(l)) : null,
          config.attentionOnly() ? null : mlp(l));
    }

    Mlp mlp(int l) {
      return new Mlp(
          backend.pack(source.mlpIn(l), BLOCK, precision),
          vector(source.mlpInBias(l)),
          backend.pack(source.mlpOut(l), BLOCK, precision),
          vector(source.mlpOutBias(l)));
    }

    LayerNorm norm(double[] gain, double[] bias) {
      return new LayerNorm(vector(gain), vector(bias));
    }

    Array vector(double[] values) {
      Array vector = backend.rows(1, values.length);
      backend.write(vector, 0, 0, values.length, values, 0);
      return vector;
    }
  }
}
