package dev.vitrine.model;

import static dev.vitrine.tensor.Axis.D_MODEL;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.weights.Config;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The weights that an analysis reads by themselves, as tensors. */
public final class Parameters {
  private final Backend backend;
  private final Config config;
  private final Weights weights;

  Parameters(Backend backend, Config config, Weights weights) {
    this.backend = backend;
    this.config = config;
    this.weights = weights;
  }

  /**
   * What the residual stream is multiplied with for a token's logit: its column of W_U, {@code
   * [d_model]}.
   */
  public Tensor unembedding(int token) {
    checkToken(token);
    Array column = backend.rows(1, config.dModel());
    backend.gather(weights.unembedding(), new int[] {token}, column);
    return vector(column);
  }

  /** What is added to a token's logit, its b_U; 0 in a model without. */
  public double unembeddingBias(int token) {
    checkToken(token);
    Array bias = weights.unembeddingBias();
    if (bias == null) {
      return 0;
    }
    double[] value = new double[1];
    backend.read(bias, 0, token, 1, value, 0);
    return value[0];
  }

  /** The gain of the final layer norm, {@code [d_model]}; empty in a model without layer norm. */
  public Optional<Tensor> finalGain() {
    Weights.@Nullable LayerNorm norm = weights.lnFinal();
    return norm == null ? Optional.empty() : Optional.of(vector(norm.gain()));
  }

  /** The bias of the final layer norm, {@code [d_model]}; empty in a model without layer norm. */
  public Optional<Tensor> finalBias() {
    Weights.@Nullable LayerNorm norm = weights.lnFinal();
    return norm == null ? Optional.empty() : Optional.of(vector(norm.bias()));
  }

  /** What attention adds whatever its heads say: b_O of a block, {@code [d_model]}. */
  public Tensor attentionOutputBias(int layer) {
    return vector(weights.block(layer).attentionOutBias());
  }

  private void checkToken(int token) {
    if (token < 0 || token >= config.vocab()) {
      throw new IllegalArgumentException(
          "token id %d is not in 0 … %d".formatted(token, config.vocab() - 1));
    }
  }

  private Tensor vector(Array row) {
    int size = row.columns();
    if (backend.isDouble()) {
      double[] elements = new double[size];
      backend.read(row, 0, 0, size, elements, 0);
      return Tensor.of(elements, D_MODEL.of(size));
    }
    float[] elements = new float[size];
    backend.read(row, 0, 0, size, elements, 0);
    return Tensor.of(elements, D_MODEL.of(size));
  }
}
