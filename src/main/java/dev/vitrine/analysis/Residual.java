package dev.vitrine.analysis;

import static dev.vitrine.tensor.Axis.COMPONENT;
import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.POSITION;

import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The residual stream of a trace, or of a batch of them, up to some depth: as it grows, and as the
 * sum of everything that wrote to it.
 *
 * <p>The methods bear the names of TransformerLens's {@code ActivationCache}. Each gives a stack
 * {@code [component, position, d_model]} (of a batch {@code [component, batch, position, d_model]})
 * whose labels name its components. Where the stream is read is said once, by {@link #upTo}, and at
 * which position by {@link #at}; how a stack passes a layer norm is said each time, by a {@link
 * NormConvention}.
 *
 * <pre>{@code
 * Residual last = Residual.of(trace).at(-1);
 * Tensor heads = last.stackHeadResults(false);
 * System.out.println(last.logitAttrs(heads, direction, FROZEN_SCALE_AND_GAIN));
 * }</pre>
 */
public final class Residual {
  private final Gpt2 model;
  private final Config config;
  private final Function<Site, Tensor> sites;
  private final Depth depth;

  private Residual(Gpt2 model, Function<Site, Tensor> sites, Depth depth) {
    this.model = model;
    this.config = model.config();
    this.sites = sites;
    this.depth = depth.in(config);
  }

  /** The whole stream of a trace: every position, up to the end. */
  public static Residual of(Trace trace) {
    return new Residual(trace.model(), trace::tensor, Depth.end(trace.model().config()));
  }

  /** The whole streams of a batch of prompts of equal length. */
  public static Residual of(Batch batch) {
    Gpt2 model = batch.get(0).model();
    return new Residual(model, batch::tensor, Depth.end(model.config()));
  }

  /**
   * The same stream, read at a lesser depth.
   *
   * @throws IllegalArgumentException if the model is not that deep, or has no MLP there
   */
  public Residual upTo(Depth other) {
    return new Residual(model, sites, other);
  }

  /** The same stream at one position, without the axis; a negative one counts from the end. */
  public Residual at(int position) {
    return new Residual(model, site -> sites.apply(site).at(POSITION, position), depth);
  }

  /** Where it is read. */
  public Depth depth() {
    return depth;
  }

  // ---- the stream as it grows

  /**
   * The stream before each block up to this depth, and there; TransformerLens's {@code
   * accumulated_resid}. Labels: {@code 0_pre}, {@code 0_mid}, …, {@code final_post} at the end.
   *
   * @param inclMid whether to show it between attention and MLP too, where there is one
   */
  public Tensor accumulatedResid(boolean inclMid) {
    Stack stack = new Stack("accumulated_resid", "the residual stream, layer by layer");
    for (int layer = 0; layer < depth.layer(); layer++) {
      stack.add(layer + "_pre", stream(Depth.before(layer)));
      if (inclMid && !config.attentionOnly()) {
        stack.add(layer + "_mid", stream(Depth.beforeMlp(layer)));
      }
    }
    if (depth.isEnd(config)) {
      stack.add("final_post", stream(depth));
    } else {
      stack.add(depth.layer() + "_pre", stream(Depth.before(depth.layer())));
      if (depth.beforeMlp()) {
        stack.add(depth.layer() + "_mid", stream(depth));
      }
    }
    return stack.tensor();
  }

  /** The stream at this depth. */
  public Tensor stream() {
    return stream(depth);
  }

  private Tensor stream(Depth at) {
    Tensor stream = sites.apply(at.stream(config));
    return config.layers() == 0 && config.positions()
        ? stream.plus(sites.apply(Site.posEmbed()))
        : stream;
  }

  // ---- the stream as a sum

  /** Which writers to decompose into; see {@link #decomposeResid}. */
  public enum Writers {
    /** Embeddings, attention and MLPs: they add up to the stream. */
    ALL,
    /** Attention only. */
    ATTN,
    /** MLPs only. */
    MLP
  }

  /**
   * What each layer wrote: {@code embed}, {@code pos_embed}, {@code 0_attn_out}, {@code 0_mlp_out},
   * …, biases included; TransformerLens's {@code decompose_resid}. All of them add up to the
   * stream.
   */
  public Tensor decomposeResid(Writers writers) {
    Stack stack =
        new Stack("decompose_resid", "what each layer adds to the stream; b_O and b_out included");
    if (writers == Writers.ALL) {
      embeddings(stack);
    }
    for (int layer = 0; layer < attentions(); layer++) {
      if (writers != Writers.MLP) {
        stack.add(layer + "_attn_out", sites.apply(Site.attnOut(layer)));
      }
      if (writers != Writers.ATTN && layer < mlps()) {
        stack.add(layer + "_mlp_out", sites.apply(Site.mlpOut(layer)));
      }
    }
    return stack.tensor();
  }

  /**
   * What each head wrote, without b_O: {@code L0H0}, {@code L0H1}, …; TransformerLens's {@code
   * stack_head_results}.
   *
   * @param inclRemainder whether to add the {@code remainder}: the stream less the heads
   */
  public Tensor stackHeadResults(boolean inclRemainder) {
    Stack stack = new Stack("stack_head_results", "what each head adds to the stream; without b_O");
    heads(stack);
    return inclRemainder ? stack.withRemainder(stream()) : stack.tensor();
  }

  /**
   * What each neuron wrote, without b_out: {@code L0N0}, {@code L0N1}, …; TransformerLens's {@code
   * stack_neuron_results}. The stack is d_mlp times as large as the stream: read {@link #at one
   * position} of a large model.
   *
   * @param inclRemainder whether to add the {@code remainder}: the stream less the neurons
   */
  public Tensor stackNeuronResults(boolean inclRemainder) {
    Stack stack =
        new Stack("stack_neuron_results", "what each neuron adds to the stream; without b_out");
    neurons(stack);
    return inclRemainder ? stack.withRemainder(stream()) : stack.tensor();
  }

  /**
   * Everything that wrote: heads, neurons or MLPs, embeddings, and all biases as one component;
   * TransformerLens's {@code get_full_resid_decomposition}. They add up to the stream.
   *
   * @param expandNeurons neuron by neuron, with {@code b_out} in the {@code bias}; otherwise each
   *     MLP as a whole, with its {@code b_out} in it
   */
  public Tensor fullResidDecomposition(boolean expandNeurons) {
    Stack stack =
        new Stack(
            "full_resid_decomposition",
            "everything that adds to the stream; bias: Σ b_O"
                + (expandNeurons ? " + Σ b_out" : ""));
    heads(stack);
    if (expandNeurons) {
      neurons(stack);
    } else {
      for (int layer = 0; layer < mlps(); layer++) {
        stack.add(layer + "_mlp_out", sites.apply(Site.mlpOut(layer)));
      }
    }
    embeddings(stack);
    stack.add("bias", everywhere(accumulatedBias(expandNeurons)));
    return stack.tensor();
  }

  /**
   * The sum of what blocks before this depth add whatever they read, {@code [d_model]}: their b_O
   * and, if asked, b_out; TransformerLens's {@code accumulated_bias}.
   */
  public Tensor accumulatedBias(boolean includeMlpBiases) {
    return model.parameters().accumulatedBias(depth.layer(), depth.beforeMlp(), includeMlpBiases);
  }

  /** The same at every position, in the stream's own precision. */
  private Tensor everywhere(Tensor vector) {
    Tensor stream = stream();
    Tensor rounded =
        stream.isDouble()
            ? vector
            : Tensor.of(vector.floats(), D_MODEL.of(config.dModel())).withView(model.view());
    return stream.map(x -> 0).plus(rounded);
  }

  /** One site of every block, stacked by layer; TransformerLens's {@code stack_activation}. */
  public Tensor stackActivation(Hook hook) {
    List<Tensor> layers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      layers.add(sites.apply(Site.of(hook, layer)));
    }
    return Tensor.stack(layers, LAYER.of(config.layers()));
  }

  /** The blocks whose attention has run here. */
  private int attentions() {
    return depth.layer() + (depth.beforeMlp() ? 1 : 0);
  }

  /** The blocks whose MLP has run here. */
  private int mlps() {
    return config.attentionOnly() ? 0 : depth.layer();
  }

  private void embeddings(Stack stack) {
    stack.add("embed", sites.apply(Site.embed()));
    if (config.positions()) {
      stack.add("pos_embed", sites.apply(Site.posEmbed()));
    }
  }

  private void heads(Stack stack) {
    for (int layer = 0; layer < attentions(); layer++) {
      String name = "L" + layer + "H";
      stack.addAll(name, HEAD, sites.apply(Site.result(layer)));
    }
  }

  private void neurons(Stack stack) {
    for (int layer = 0; layer < mlps(); layer++) {
      String name = "L" + layer + "N";
      Tensor post = sites.apply(Site.mlpPost(layer));
      stack.addAll(name, D_MLP, post.times(model.parameters().tensor(Parameter.W_OUT, layer)));
    }
  }

  // ---- through a layer norm

  /**
   * A stack as the layer norm at this depth lets it pass; TransformerLens's {@code
   * apply_ln_to_stack}, which knows {@link NormConvention#FROZEN_SCALE}, and {@link
   * NormConvention#ANEW} at the end.
   *
   * @param stack with a {@code d_model} axis, of this trace's positions if it has any
   * @throws IllegalArgumentException if the gain is asked for elsewhere than at the end
   */
  public Tensor applyLnToStack(Tensor stack, NormConvention convention) {
    boolean end = depth.isEnd(config);
    if (convention != NormConvention.FROZEN_SCALE && !end) {
      throw new IllegalArgumentException(
          "at depth %s only FROZEN_SCALE is known; the final layer norm's gain is for the end"
              .formatted(depth));
    }
    if (convention == NormConvention.ANEW) {
      return new Unembedding(model).normed(stack);
    }
    if (depth.scale(config).isEmpty()) {
      return stack;
    }
    Tensor scale = sites.apply(depth.scale(config).get());
    Tensor normed = stack.minus(stack.mean(D_MODEL)).over(scale.at(Axis.ONE, 0));
    Tensor scaled =
        convention == NormConvention.FROZEN_SCALE_AND_GAIN
            ? model.parameters().finalGain().map(normed::times).orElse(normed)
            : normed;
    return scaled.withOrigin(
        new Analysed(
            "apply_ln_to_stack of " + Analysed.name(stack),
            "(x - mean x) / " + depth.scale(config).get(),
            convention.statement()));
  }

  // ---- to the logits

  /**
   * What each component of a stack adds to the logit of a token, or to the difference of two;
   * TransformerLens's {@code logit_attrs}, whose convention is {@link NormConvention#FROZEN_SCALE}.
   * Under {@link NormConvention#FROZEN_SCALE_AND_GAIN} all components of a full decomposition, the
   * layer norm's bias and b_U add up to the logit in any view.
   *
   * @param stack components of the stream at the end
   * @param direction of the logit, from {@link Unembedding}: {@code [d_model]}, or one for each
   *     position or prompt
   * @return the stack's axes without {@code d_model}
   */
  public Tensor logitAttrs(Tensor stack, Tensor direction, NormConvention convention) {
    Residual end = upTo(Depth.end(config));
    return end.applyLnToStack(stack, convention)
        .dot(direction, D_MODEL)
        .withOrigin(
            new Analysed(
                "logit_attrs of " + Analysed.name(stack),
                "ln_final(component) · direction",
                convention.statement(),
                "b_U and the layer norm's bias are not among the components"));
  }

  /**
   * The logit lens (nostalgebraist 2020): the logits that the model would give from the stream at
   * each layer, {@code [component, …, vocab]}. The final layer norm is the true one, computed anew
   * for each row; the last component is the model's own logits, to the bit.
   *
   * @param inclMid whether to read between attention and MLP too
   */
  public Tensor logitLens(boolean inclMid) {
    return new Unembedding(model).logits(accumulatedResid(inclMid));
  }

  /** Components one after another. */
  private static final class Stack {
    private final String name;
    private final String formula;
    private final List<Tensor> parts = new ArrayList<>();

    Stack(String name, String formula) {
      this.name = name;
      this.formula = formula;
    }

    void add(String label, Tensor component) {
      parts.add(Tensor.stack(List.of(component), COMPONENT.of(List.of(label))));
    }

    /** An axis of a tensor becomes that many components. */
    void addAll(String prefix, Axis axis, Tensor tensor) {
      List<String> labels =
          IntStream.range(0, tensor.size(axis)).mapToObj(i -> prefix + i).toList();
      List<Axis> order = new ArrayList<>(tensor.axes());
      order.remove(axis);
      order.addFirst(axis);
      Tensor turned = tensor.permute(order.toArray(Axis[]::new)).rename(axis, COMPONENT);
      parts.add(turned.withLabels(COMPONENT, labels));
    }

    Tensor withRemainder(Tensor whole) {
      Tensor rest = whole;
      for (Tensor part : parts) {
        rest = rest.minus(part.sum(COMPONENT));
      }
      add("remainder", rest);
      return tensor();
    }

    Tensor tensor() {
      if (parts.isEmpty()) {
        throw new IllegalArgumentException(
            name + " has no component at this depth: nothing of the kind has written yet");
      }
      return Tensor.concat(parts, COMPONENT)
          .withOrigin(new Analysed(name, formula, "before any layer norm; see NormConvention"));
    }
  }
}
