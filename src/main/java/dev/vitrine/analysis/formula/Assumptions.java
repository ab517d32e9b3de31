package dev.vitrine.analysis.formula;

import dev.vitrine.kernels.Activation;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.weights.Config;
import java.util.function.BiFunction;

/**
 * All that a site's formula needs besides its parents. Who doubts one of them replaces it and
 * computes again.
 *
 * @param config the architecture
 * @param epsilon the layer norms' ε
 * @param activation the neurons' nonlinearity
 * @param scale what q · k is multiplied by, of a layer
 * @param masked the score where the key lies after the query
 * @param weights a weight of a layer; the layer is -1 outside the blocks
 */
public record Assumptions(
    Config config,
    double epsilon,
    Activation activation,
    Scale scale,
    double masked,
    BiFunction<Parameter, Integer, Tensor> weights) {

  /** What q · k is multiplied by. */
  @FunctionalInterface
  public interface Scale {
    /** In a layer. */
    double of(int layer);
  }

  /** What a model is. A layer norm that is folded in its view has gain 1 and bias 0. */
  public static Assumptions of(Gpt2 model) {
    return new Assumptions(
        model.config(),
        model.config().layerNormEpsilon(),
        model.config().activation(),
        layer -> model.forwardPass().attentionScale(layer),
        Double.NEGATIVE_INFINITY,
        (parameter, layer) -> weight(model, parameter, layer));
  }

  private static Tensor weight(Gpt2 model, Parameter parameter, int layer) {
    boolean folded =
        model.config().layerNorm() && parameter.absence(model.config(), model.view()).isPresent();
    if (!folded) {
      return model.parameters().tensor(parameter, layer).withoutView();
    }
    Tensor like = model.parameters().unembedding(0).withoutView().withoutOrigin();
    return parameter.name(layer).endsWith(".w") ? like.map(x -> 1) : like.map(x -> 0);
  }

  /** With another ε. */
  public Assumptions withEpsilon(double other) {
    return new Assumptions(config, other, activation, scale, masked, weights);
  }

  /** With another nonlinearity. */
  public Assumptions withActivation(Activation other) {
    return new Assumptions(config, epsilon, other, scale, masked, weights);
  }

  /** With another factor of the scores. */
  public Assumptions withScale(Scale other) {
    return new Assumptions(config, epsilon, activation, other, masked, weights);
  }

  /** With another score where the key lies after the query. */
  public Assumptions withMasked(double other) {
    return new Assumptions(config, epsilon, activation, scale, other, weights);
  }

  /** With another weight in place of one. */
  public Assumptions withWeight(Parameter parameter, Tensor other) {
    return new Assumptions(
        config,
        epsilon,
        activation,
        scale,
        masked,
        (asked, layer) -> asked == parameter ? other : weights.apply(asked, layer));
  }
}
