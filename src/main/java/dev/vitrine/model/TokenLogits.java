package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Source;
import org.jspecify.annotations.Nullable;

/**
 * The unembedding of a few tokens alone, for who asks for no other logit. An element of a product
 * depends on its own column only, so that these have the bits of the whole unembedding's.
 */
public final class TokenLogits {
  private final Backend backend;
  private final Matrix matrix;
  private final @Nullable Array bias;

  TokenLogits(Backend backend, Weights weights, int... tokens) {
    this.backend = backend;
    Matrix whole = weights.unembedding();
    Array columns = backend.rows(tokens.length, whole.in());
    backend.gather(whole, tokens, columns);
    this.matrix = backend.packTransposed(new Rows(backend, columns), whole.block());
    Array all = weights.unembeddingBias();
    this.bias = all == null ? null : backend.rows(1, tokens.length);
    for (int i = 0; i < tokens.length && all != null && bias != null; i++) {
      backend.copy(all.columns(tokens[i], tokens[i] + 1), 0, bias.columns(i, i + 1), 0, 1);
    }
  }

  /**
   * Their logits, {@code [rows, tokens]}.
   *
   * @param normed {@code unembed.hook_in}, {@code [rows, d_model]}
   */
  public Array of(Array normed) {
    Array logits = backend.rows(normed.rows(), matrix.out());
    backend.product(normed, matrix, bias, logits);
    return logits;
  }

  /** An array as a table to be packed. */
  private record Rows(Backend backend, Array array) implements Source {
    @Override
    public int rows() {
      return array.rows();
    }

    @Override
    public int columns() {
      return array.columns();
    }

    @Override
    public void read(int row, int from, int count, float[] into, int at) {
      backend.read(array, row, from, count, into, at);
    }

    @Override
    public void read(int row, int from, int count, double[] into, int at) {
      backend.read(array, row, from, count, into, at);
    }
  }
}
