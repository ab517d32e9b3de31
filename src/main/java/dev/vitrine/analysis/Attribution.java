package dev.vitrine.analysis;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;

import dev.vitrine.model.Parameters;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Direct logit attribution (Elhage et al. 2021): the logit of one token at one position, as a sum
 * over everything that wrote to the residual stream there.
 *
 * <p>The final layer norm is not linear; by convention its scale is held at the value that it has
 * in the trace. Then a component c adds {@code ((c - mean(c)) / scale · gain) · W_U[:, token]}, and
 * all components, with the final layer norm's bias and b_U, add up to the logit. What a component
 * does through later layers is not in its share: it is in theirs.
 *
 * <p>The difference of two tokens' logits is taken apart in the same way, along the difference of
 * their columns of W_U: what both have in common, such as a name being due at all, cancels out.
 *
 * @param position the position of the logit
 * @param token the token whose logit it is
 * @param against the token whose logit is taken away, if one is
 * @param logit the logit, or the difference, that the model computed
 * @param components everything that adds to it, in the order of computation
 */
public record Attribution(
    int position, int token, OptionalInt against, double logit, List<Component> components) {

  /** The convention in one line, for whoever shows the numbers. */
  public static final String CONVENTION =
      "direct logit attribution: final layer norm's scale frozen at its value in this trace;"
          + " ((c - mean c) / scale * gain) . W_U[:, token]; components add up to the logit";

  /** Keeps the components as they are. */
  public Attribution {
    components = List.copyOf(components);
  }

  /** The sum over all components; it differs from the logit by rounding only. */
  public double sum() {
    return components.stream().mapToDouble(Component::logit).sum();
  }

  /**
   * Takes the logit of {@code token} apart.
   *
   * @param position a negative one counts from the end
   */
  public static Attribution of(Trace trace, int position, int token) {
    return of(trace, position, token, OptionalInt.empty());
  }

  /**
   * Takes the logit of {@code token} less that of {@code against} apart.
   *
   * @param position a negative one counts from the end
   */
  public static Attribution ofDifference(Trace trace, int position, int token, int against) {
    return of(trace, position, token, OptionalInt.of(against));
  }

  private static Attribution of(Trace trace, int position, int token, OptionalInt against) {
    int at = Positions.resolve(trace, position);
    Parameters parameters = trace.model().parameters();
    Tensor logits = trace.logits(at);
    double[] column = parameters.unembedding(token).doubles();
    double bias = parameters.unembeddingBias(token);
    double logit = logits.get(token);
    if (against.isPresent()) {
      int other = against.getAsInt();
      double[] away = parameters.unembedding(other).doubles();
      for (int i = 0; i < column.length; i++) {
        column[i] -= away[i];
      }
      bias -= parameters.unembeddingBias(other);
      logit -= logits.get(other);
    }
    Parts parts = new Parts(trace, at, direction(trace, at, column));
    parts.embeddings();
    for (int layer = 0; layer < trace.model().config().layers(); layer++) {
      parts.block(layer);
    }
    parts.end(column, bias);
    return new Attribution(at, token, against, logit, parts.components);
  }

  /**
   * The direction d with {@code c · d} the share of a component c: W_U's column times gain over
   * scale, less its mean, which takes the component's mean away.
   */
  private static double[] direction(Trace trace, int position, double[] column) {
    double[] direction = column.clone();
    Optional<Tensor> gain = trace.model().parameters().finalGain();
    if (gain.isEmpty()) {
      return direction;
    }
    double[] gains = gain.get().doubles();
    double scale = trace.tensor(Site.lnFinalScale()).at(POSITION, position).doubles()[0];
    double mean = 0;
    for (int i = 0; i < direction.length; i++) {
      direction[i] *= gains[i] / scale;
      mean += direction[i] / direction.length;
    }
    for (int i = 0; i < direction.length; i++) {
      direction[i] -= mean;
    }
    return direction;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Collects the components. */
  private static final class Parts {
    private final Trace trace;
    private final Config config;
    private final int position;
    private final double[] direction;
    private final List<Component> components = new ArrayList<>();

    Parts(Trace trace, int position, double[] direction) {
      this.trace = trace;
      this.config = trace.model().config();
      this.position = position;
      this.direction = direction;
    }

    void embeddings() {
      add(Site.embed(), "embed");
      if (config.positions()) {
        add(Site.posEmbed(), "pos_embed");
      }
    }

    void block(int layer) {
      Tensor results = trace.tensor(Site.result(layer)).at(POSITION, position);
      for (int head = 0; head < config.heads(); head++) {
        String name = Site.result(layer) + "[head=" + head + "]";
        double logit = dot(results.at(HEAD, head).doubles(), direction);
        components.add(new Component(name, "L" + layer + "H" + head, layer, head, logit));
      }
      double bias = dot(trace.model().parameters().attentionOutputBias(layer).doubles(), direction);
      components.add(
          new Component("blocks." + layer + ".attn.b_O", "L" + layer + " b_O", layer, -1, bias));
      if (!config.attentionOnly()) {
        add(Site.mlpOut(layer), "L" + layer + " MLP");
      }
    }

    void end(double[] column, double bias) {
      Optional<Tensor> normBias = trace.model().parameters().finalBias();
      if (normBias.isPresent()) {
        double logit = dot(normBias.get().doubles(), column);
        components.add(new Component("ln_final.b", "ln_final b", -1, -1, logit));
      }
      components.add(new Component("unembed.b_U", "b_U", -1, -1, bias));
    }

    private void add(Site site, String label) {
      double logit = dot(trace.tensor(site).at(POSITION, position).doubles(), direction);
      components.add(new Component(site.name(), label, site.layer(), -1, logit));
    }
  }
}
