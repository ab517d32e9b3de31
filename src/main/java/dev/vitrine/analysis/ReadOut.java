package dev.vitrine.analysis;

import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.NEURON;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.Arrays;
import java.util.List;

/**
 * What heads and neurons say, word by word: what each adds to every token's logit.
 *
 * <p>In a trace the final layer norm's scale is held at its value there, its gain applied ({@link
 * NormConvention#FROZEN_SCALE_AND_GAIN}); so the numbers are shares of the logits. Of the weights
 * alone there is no scale: a neuron's read-out is then in logits per unit of activation and of
 * {@code 1 / ln_final.hook_scale}.
 */
public final class ReadOut {
  private ReadOut() {}

  /** What each head of a layer adds to each logit at a position, {@code [head, vocab]}. */
  public static Tensor heads(Trace trace, int layer, int position) {
    Tensor results = trace.tensor(Site.result(layer));
    return normedAndProjected(trace, position, results.at(POSITION, position));
  }

  /**
   * What some neurons of a layer add to each logit at a position, {@code [neuron, vocab]}; without
   * any named, all of them.
   */
  public static Tensor neurons(Trace trace, int layer, int position, int... neurons) {
    Tensor post = chosen(trace.tensor(Site.mlpPost(layer)).at(POSITION, position), neurons);
    Tensor directions = chosen(trace.model().parameters().tensor(Parameter.W_OUT, layer), neurons);
    Tensor writes = post.times(directions);
    return normedAndProjected(trace, position, labelled(writes, layer, neurons));
  }

  /**
   * The words that some neurons of a layer stand for: {@code (W_out[n] - mean) · ln_final.w · W_U},
   * {@code [neuron, vocab]}; without any named, all of them.
   *
   * @throws IllegalArgumentException if the model has no MLP
   */
  public static Tensor neurons(Gpt2 model, int layer, int... neurons) {
    Tensor directions = chosen(model.parameters().tensor(Parameter.W_OUT, layer), neurons);
    Tensor centred = directions.minus(directions.mean(D_MODEL));
    Tensor read =
        model.config().layerNorm()
            ? model.parameters().finalGain().map(centred::times).orElse(centred)
            : directions;
    return new Unembedding(model).project(labelled(read, layer, neurons));
  }

  /**
   * The words that some neurons of a layer look for: what a token's embedding alone would add to
   * their {@code mlp.hook_pre}, {@code W_E (ln2.w · W_in[:, n] - mean)}, {@code [neuron, vocab]};
   * without any named, all of them. In units of {@code ln2.hook_scale}; the position, what earlier
   * blocks wrote, and the biases are not in it.
   *
   * @throws IllegalArgumentException if the model has no MLP
   */
  public static Tensor neuronInputs(Gpt2 model, int layer, int... neurons) {
    Tensor in = chosen(model.parameters().tensor(Parameter.W_IN, layer), neurons);
    Tensor read = in;
    if (model.config().layerNorm()) {
      boolean folded = model.view().has(View.Step.FOLD_LN); // then W_in has the gain already
      Tensor gained = folded ? in : in.times(model.parameters().tensor(Parameter.LN2_W, layer));
      read = gained.minus(gained.mean(D_MODEL)); // the layer norm takes a stream's mean away
    }
    return labelled(read.dot(model.parameters().tensor(Parameter.W_E), D_MODEL), layer, neurons)
        .permute(NEURON, VOCAB)
        .withOrigin(
            new Analysed(
                "what neurons of block " + layer + " look for",
                "W_E (ln2.w · W_in - mean)",
                "of token embeddings alone, in units of ln2.hook_scale; no biases"));
  }

  private static Tensor normedAndProjected(Trace trace, int position, Tensor writes) {
    Tensor normed =
        Residual.of(trace)
            .at(position)
            .applyLnToStack(writes, NormConvention.FROZEN_SCALE_AND_GAIN);
    return new Unembedding(trace.model()).project(normed);
  }

  private static Tensor chosen(Tensor tensor, int... neurons) {
    return neurons.length == 0 ? tensor : tensor.at(D_MLP, neurons);
  }

  private static Tensor labelled(Tensor tensor, int layer, int... neurons) {
    List<String> numbers =
        neurons.length == 0
            ? tensor.labels(D_MLP)
            : Arrays.stream(neurons).mapToObj(Integer::toString).toList();
    return tensor
        .rename(D_MLP, NEURON)
        .withLabels(NEURON, numbers.stream().map(n -> "L" + layer + "N" + n).toList());
  }
}
