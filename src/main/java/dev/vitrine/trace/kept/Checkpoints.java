package dev.vitrine.trace.kept;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Span;
import dev.vitrine.model.Gpt2;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;

/**
 * What a trace keeps of its run: per layer the residual stream into the block, the keys and the
 * values, and the residual stream at the end. Everything else can be computed from them, one block
 * at a time.
 *
 * @param layers one for each block
 * @param residFinal {@code [positions, d_model]}: the last block's {@code hook_resid_post}
 */
public record Checkpoints(List<Layer> layers, Shelf residFinal) {

  /**
   * What is kept of a block.
   *
   * @param residPre {@code [positions, d_model]}
   * @param keys {@code [positions, heads · d_head]}
   * @param values {@code [positions, heads · d_head]}
   */
  public record Layer(Shelf residPre, Shelf keys, Shelf values) {

    /** The first positions of it. */
    public Layer first(int positions) {
      return new Layer(residPre.first(positions), keys.first(positions), values.first(positions));
    }

    /** This and {@code count} further positions. */
    public Layer plus(Array moreResid, Array moreKeys, Array moreValues, int row, int count) {
      return new Layer(
          residPre.plus(moreResid, row, count),
          keys.plus(moreKeys, row, count),
          values.plus(moreValues, row, count));
    }

    /** This and the keys and values alone of {@code count} further positions. */
    public Layer plus(Array moreKeys, Array moreValues, int row, int count) {
      return new Layer(
          residPre, keys.plus(moreKeys, row, count), values.plus(moreValues, row, count));
    }

    /**
     * The attention of {@code count} queries, from {@code position} on, to these keys and values.
     */
    public Span span(
        Gpt2 model, int row, int position, int count, boolean scores, boolean pattern) {
      int rows = model.config().heads() * count;
      int seen = position + count;
      Backend backend = model.backend();
      return new Span(
          row,
          count,
          position,
          keys.array(),
          values.array(),
          scores ? backend.rows(rows, seen) : null,
          pattern ? backend.rows(rows, seen) : null);
    }
  }

  /** Of a sequence of which nothing was computed yet. */
  public static Checkpoints empty(Backend backend, Config config) {
    List<Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      layers.add(
          new Layer(
              Shelf.empty(backend, rows -> backend.rows(rows, config.dModel())),
              Shelf.empty(backend, rows -> backend.keys(rows, config.heads(), config.dHead())),
              Shelf.empty(backend, rows -> backend.values(rows, config.heads(), config.dHead()))));
    }
    Shelf end = Shelf.empty(backend, rows -> backend.rows(rows, config.dModel()));
    return new Checkpoints(List.copyOf(layers), end);
  }

  /** The first positions of it, shared. */
  public Checkpoints first(int positions) {
    return new Checkpoints(
        layers.stream().map(layer -> layer.first(positions)).toList(), residFinal.first(positions));
  }
}
