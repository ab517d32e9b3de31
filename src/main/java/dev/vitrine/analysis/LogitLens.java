package dev.vitrine.analysis;

import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Watch;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Predictions;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * The logit lens (nostalgebraist 2020): what the model would predict if it stopped after each
 * block. The residual stream of one position goes through the final layer norm, with its own mean
 * and scale, and the unembedding, biases included; the last layer's logits are therefore the
 * model's own, to the bit.
 *
 * @param position the position read
 * @param layers the embedding first, then the stream after each block
 */
public record LogitLens(int position, List<Layer> layers) {

  /** Keeps the layers as they are. */
  public LogitLens {
    layers = List.copyOf(layers);
  }

  /**
   * What is read after some blocks.
   *
   * @param layer how many blocks have run; 0 reads the embedding
   * @param site the site that was read
   * @param logits {@code [vocab]}
   */
  public record Layer(int layer, Site site, Tensor logits) {

    /** What the model would predict. */
    public Predictions predictions() {
      return new Predictions(logits);
    }

    /** The place of a token among all, by its logit: 1 is the first. */
    public int rank(int token) {
      double logit = logits.get(token);
      int[] better = {0, 0};
      logits.forEach(other -> {
        boolean before = better[1]++ < token;
        better[0] += other > logit || (other == logit && before) ? 1 : 0;
      });
      return better[0] + 1;
    }
  }

  /**
   * Reads a trace at one position.
   *
   * @param position a negative one counts from the end
   */
  public static LogitLens of(Trace trace, int position) {
    Gpt2 model = trace.model();
    int at = Positions.resolve(trace, position);
    List<Site> sites = new ArrayList<>();
    for (int layer = 0; layer < model.config().layers(); layer++) {
      sites.add(Site.residPre(layer));
    }
    sites.add(
        model.config().layers() == 0 ? Site.embed() : Site.residPost(model.config().layers() - 1));
    Array logits = unembed(model, streams(trace, sites, at));
    List<Layer> layers = new ArrayList<>();
    for (int row = 0; row < sites.size(); row++) {
      layers.add(new Layer(row, sites.get(row), read(model, logits, row)));
    }
    return new LogitLens(at, layers);
  }

  /** The residual stream at one position, a row for each site. */
  private static Array streams(Trace trace, List<Site> sites, int position) {
    Backend backend = trace.model().backend();
    int width = trace.model().config().dModel();
    Array rows = backend.rows(sites.size(), width);
    for (int row = 0; row < sites.size(); row++) {
      double[] stream = trace.tensor(sites.get(row)).at(POSITION, position).doubles();
      backend.write(rows, row, 0, width, stream, 0);
    }
    return rows;
  }

  private static Array unembed(Gpt2 model, Array rows) {
    List<Array> seen = new ArrayList<>();
    Watch watch =
        new Watch() {
          @Override
          public boolean wants(Hook hook) {
            return hook == Hook.LOGITS;
          }

          @Override
          public Array see(Hook hook, Array tensor) {
            if (hook == Hook.LOGITS) {
              seen.add(tensor);
            }
            return tensor;
          }
        };
    model.forwardPass().unembed(rows, watch);
    return seen.getFirst();
  }

  private static Tensor read(Gpt2 model, Array logits, int row) {
    int vocab = model.config().vocab();
    if (model.backend().isDouble()) {
      double[] elements = new double[vocab];
      model.backend().read(logits, row, 0, vocab, elements, 0);
      return Tensor.of(elements, VOCAB.of(vocab, model::piece));
    }
    float[] elements = new float[vocab];
    model.backend().read(logits, row, 0, vocab, elements, 0);
    return Tensor.of(elements, VOCAB.of(vocab, model::piece));
  }
}
