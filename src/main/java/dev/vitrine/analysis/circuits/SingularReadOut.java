package dev.vitrine.analysis.circuits;

import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.VECTOR;

import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.tensor.factored.Svd;

/**
 * Singular vectors of weights, read out in the vocabulary (Millidge and Black 2022): the directions
 * of the residual stream that a head or an MLP writes or reads most, each as the tokens that it
 * points to. The sign of a direction is arbitrary, so look at both ends.
 *
 * @param singularValues {@code [vector]}, falling
 * @param directions {@code [vector, d_model]}, orthonormal
 * @param tokens {@code [vector, vocab]}: {@code direction · W_U}, no layer norm applied
 */
public record SingularReadOut(Tensor singularValues, Tensor directions, Tensor tokens) {

  /**
   * What a head writes: the right singular vectors of {@code W_V W_O}.
   *
   * @param count how many, at most d_head
   */
  public static SingularReadOut ov(Gpt2 model, int layer, int head, int count) {
    Svd svd = new Circuits(model).ov(layer, head).svd();
    Tensor v = svd.v().rename(svd.vectors(), VECTOR);
    return of(model, svd.s().rename(svd.vectors(), VECTOR), v, count);
  }

  /**
   * What an MLP reads: the directions that {@code W_in}, with layer norm's gain, stretches most.
   *
   * @param count how many, at most the lesser of d_model and d_mlp
   */
  public static SingularReadOut wIn(Gpt2 model, int layer, int count) {
    Tensor in = model.parameters().tensor(Parameter.W_IN, layer);
    boolean gain = model.config().layerNorm() && !model.view().has(View.Step.FOLD_LN);
    Tensor read = gain ? in.times(model.parameters().tensor(Parameter.LN2_W, layer)) : in;
    Svd svd = Svd.of(read, D_MLP, D_MODEL);
    return of(model, svd.s(), svd.v(), count);
  }

  /**
   * What an MLP writes: the right singular vectors of {@code W_out}.
   *
   * @param count how many, at most the lesser of d_model and d_mlp
   */
  public static SingularReadOut wOut(Gpt2 model, int layer, int count) {
    Svd svd = Svd.of(model.parameters().tensor(Parameter.W_OUT, layer), D_MLP, D_MODEL);
    return of(model, svd.s(), svd.v(), count);
  }

  private static SingularReadOut of(Gpt2 model, Tensor values, Tensor vectors, int count) {
    int most = values.size(VECTOR);
    if (count < 1 || count > most) {
      throw new IllegalArgumentException(
          "%d singular vectors were asked for: there are %d".formatted(count, most));
    }
    Tensor directions = vectors.range(VECTOR, 0, count).permute(VECTOR, D_MODEL);
    Tensor tokens = directions.dot(model.parameters().tensor(Parameter.W_U), D_MODEL);
    return new SingularReadOut(
        values.range(VECTOR, 0, count),
        directions,
        tokens.withOrigin(
            new Computed(
                "singular vectors in the vocabulary",
                "v W_U",
                "the sign of a singular vector is arbitrary",
                "no layer norm applied")));
  }
}
