package dev.vitrine.analysis;

import static dev.vitrine.tensor.Axis.COMPONENT;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
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
    Tensor stack = Residual.of(trace).at(at).accumulatedResid(false);
    Tensor logits = new Unembedding(model).logits(stack);
    List<Layer> layers = new ArrayList<>();
    for (int row = 0; row < sites.size(); row++) {
      layers.add(new Layer(row, sites.get(row), logits.at(COMPONENT, row)));
    }
    return new LogitLens(at, layers);
  }
}
