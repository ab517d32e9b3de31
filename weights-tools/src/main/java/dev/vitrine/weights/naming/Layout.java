package dev.vitrine.weights.naming;

import dev.vitrine.kernels.Source;
import org.jspecify.annotations.Nullable;

/** Where the weights of a GPT-2 lie in a checkpoint, each in the layout that a model reads. */
public interface Layout {

  /** {@code [vocab, d_model]}. */
  Source tokenEmbedding();

  /** {@code [context, d_model]}, or null where there is none. */
  @Nullable Source positionEmbedding();

  /** {@code [d_model, 3 · heads · d_head]}: all of Q, then K, then V, each head-major. */
  Source qkv(int layer);

  /** {@code [heads · d_head, d_model]}. */
  Source attentionOutput(int layer);

  /** {@code [d_model, d_mlp]}. */
  Source mlpIn(int layer);

  /** {@code [d_mlp, d_model]}. */
  Source mlpOut(int layer);

  /** {@code [vocab, d_model]}, or null where it is the token embedding. */
  @Nullable Source unembedding();

  /** A vector of a layer. */
  double[] vector(Vector vector, int layer);

  /** The gain of the last layer norm. */
  double[] finalGain();

  /** The bias of the last layer norm. */
  double[] finalBias();

  /** {@code [vocab]}, or null where there is none. */
  double @Nullable [] unembeddingBias();

  /** The vectors of a layer. */
  enum Vector {
    /** {@code [3 · heads · d_head]}. */
    QKV_BIAS,
    /** {@code [d_model]}. */
    ATTENTION_OUTPUT_BIAS,
    /** {@code [d_mlp]}. */
    MLP_IN_BIAS,
    /** {@code [d_model]}. */
    MLP_OUT_BIAS,
    /** {@code [d_model]}. */
    LN1_GAIN,
    /** {@code [d_model]}. */
    LN1_BIAS,
    /** {@code [d_model]}. */
    LN2_GAIN,
    /** {@code [d_model]}. */
    LN2_BIAS
  }
}
