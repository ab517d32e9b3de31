package dev.vitrine.model;

import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.LAYER;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The weights of a model as tensors, by the names of TransformerLens. Each is read out of what the
 * backend packed when it is asked for, and belongs to the model's view.
 */
public final class Parameters {
  private final Gpt2 model;
  private final Backend backend;
  private final Config config;
  private final Weights weights;
  private final Unpacked unpacked;

  Parameters(Gpt2 model, Weights weights) {
    this.model = model;
    this.backend = model.backend();
    this.config = model.config();
    this.weights = weights;
    this.unpacked = new Unpacked(model, weights);
  }

  // ---- by name

  /** The name of every weight, layer by layer. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    List<Parameter> all = present();
    all.stream()
        .filter(p -> !p.inBlock() && p.compareTo(Parameter.LN1_W) < 0)
        .forEach(p -> names.add(p.name(-1)));
    for (int layer = 0; layer < config.layers(); layer++) {
      for (Parameter parameter : all) {
        if (parameter.inBlock()) {
          names.add(parameter.name(layer));
        }
      }
    }
    all.stream()
        .filter(p -> !p.inBlock() && p.compareTo(Parameter.LN1_W) > 0)
        .forEach(p -> names.add(p.name(-1)));
    return names;
  }

  /** The names for all layers at once, such as {@code W_Q}. */
  public List<String> stackedNames() {
    return present().stream().map(Parameter::stackedName).distinct().toList();
  }

  /**
   * The names that a glob stands for: {@code *} is any characters, {@code ?} is one. One without
   * either may be the name for all layers.
   */
  public List<String> matching(String glob) {
    if (stackedNames().contains(glob)) {
      return List.of(glob);
    }
    String regex =
        glob.chars()
            .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(Character.toString(c)))
            .collect(Collectors.joining());
    Pattern pattern = Pattern.compile(regex);
    return names().stream().filter(name -> pattern.matcher(name).matches()).toList();
  }

  private List<Parameter> present() {
    return Arrays.stream(Parameter.values())
        .filter(p -> p.absence(config, model.view()).isEmpty())
        .toList();
  }

  /**
   * The weight of a name: {@code blocks.0.attn.W_Q}, or {@code W_Q} for all layers, stacked.
   *
   * @throws IllegalArgumentException if the model has none; says why, or the nearest names
   */
  public Tensor tensor(String name) {
    Named named = find(name);
    return named.isStacked() ? tensor(named.parameter) : tensor(named.parameter, named.layer);
  }

  /**
   * The axes and sizes of the weight of a name, without reading it.
   *
   * @throws IllegalArgumentException if the model has none; says why, or the nearest names
   */
  public List<Dimension> dimensions(String name) {
    Named named = find(name);
    List<Dimension> dimensions = new ArrayList<>();
    if (named.isStacked()) {
      dimensions.add(unpacked.dimension(LAYER));
    }
    named.parameter.axes().forEach(axis -> dimensions.add(unpacked.dimension(axis)));
    return dimensions;
  }

  /** A weight by its name: one layer's, or that of all, where the layer is -1. */
  private record Named(Parameter parameter, int layer) {
    boolean isStacked() {
      return parameter.inBlock() && layer < 0;
    }
  }

  private Named find(String name) {
    Named found = null;
    for (Parameter parameter : Parameter.values()) {
      if (name.equals(parameter.stackedName()) || name.equals(parameter.name(-1))) {
        found = new Named(parameter, -1);
      }
      for (int layer = 0; parameter.inBlock() && layer < config.layers(); layer++) {
        if (name.equals(parameter.name(layer))) {
          found = new Named(parameter, layer);
        }
      }
    }
    if (found == null) {
      List<String> known = new ArrayList<>(names());
      known.addAll(stackedNames());
      List<String> near = Nearest.names(name, known, 3);
      throw new IllegalArgumentException(
          "no weight is named \"%s\"%s"
              .formatted(
                  name, near.isEmpty() ? "" : "; the nearest are " + String.join(", ", near)));
    }
    check(found.parameter, name);
    return found;
  }

  private void check(Parameter parameter, String name) {
    parameter
        .absence(config, model.view())
        .ifPresent(why -> {
          throw new IllegalArgumentException(name + ": " + why);
        });
  }

  /**
   * A weight of all layers, with the layer in front; outside the blocks, the weight itself.
   *
   * @throws IllegalArgumentException if the model has none; says why
   */
  public Tensor tensor(Parameter parameter) {
    if (!parameter.inBlock()) {
      return tensor(parameter, -1);
    }
    List<Tensor> layers =
        IntStream.range(0, config.layers()).mapToObj(l -> tensor(parameter, l)).toList();
    return Tensor.stack(layers, LAYER.of(config.layers()))
        .withOrigin(new ParameterOrigin(parameter.stackedName(), model.view()));
  }

  /**
   * A weight of one layer.
   *
   * @throws IllegalArgumentException if the model has none; says why
   */
  public Tensor tensor(Parameter parameter, int layer) {
    String name = parameter.name(layer);
    check(parameter, name);
    if (parameter.inBlock() && (layer < 0 || layer >= config.layers())) {
      throw new IllegalArgumentException(
          "%s: the model has %d layers, 0 to %d"
              .formatted(name, config.layers(), config.layers() - 1));
    }
    Tensor tensor =
        parameter.inBlock()
            ? unpacked.block(parameter, weights.block(layer))
            : unpacked.outside(parameter);
    return tensor.withOrigin(new ParameterOrigin(name, model.view()));
  }

  // ---- what an analysis asks for

  /**
   * What the residual stream is multiplied with for a token's logit: its column of W_U, {@code
   * [d_model]}.
   */
  public Tensor unembedding(int token) {
    checkToken(token);
    return unpacked
        .columns(weights.unembedding(), token, 1, unpacked.dimension(D_MODEL))
        .withOrigin(new ParameterOrigin("unembed.W_U[vocab=" + token + "]", model.view()));
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

  /**
   * The gain of the final layer norm, {@code [d_model]}: ones where it is folded; empty in a model
   * without layer norm.
   */
  public Optional<Tensor> finalGain() {
    return Optional.ofNullable(weights.lnFinal()).map(norm -> finalNorm(norm.gain(), "ln_final.w"));
  }

  /**
   * The bias of the final layer norm, {@code [d_model]}: zeros where it is folded; empty in a model
   * without layer norm.
   */
  public Optional<Tensor> finalBias() {
    return Optional.ofNullable(weights.lnFinal()).map(norm -> finalNorm(norm.bias(), "ln_final.b"));
  }

  private Tensor finalNorm(Array vector, String name) {
    return unpacked
        .vector(vector, unpacked.dimension(D_MODEL))
        .withOrigin(new ParameterOrigin(name, model.view()));
  }

  /** What attention adds whatever its heads say: b_O of a block, {@code [d_model]}. */
  public Tensor attentionOutputBias(int layer) {
    return tensor(Parameter.B_O, layer);
  }

  /**
   * What biases alone have written to the residual stream before a layer: {@code Σ b_O + b_out}
   * over the layers below it, {@code [d_model]}.
   *
   * @param layer from 0 to the number of layers
   * @param mlpInput whether this layer's b_O counts too, as for what its MLP reads
   * @param mlpBiases whether b_out counts
   */
  public Tensor accumulatedBias(int layer, boolean mlpInput, boolean mlpBiases) {
    int attention = layer + (mlpInput ? 1 : 0);
    if (layer < 0 || attention > config.layers()) {
      throw new IllegalArgumentException(
          "no layer %d: the model has %d".formatted(layer, config.layers()));
    }
    Tensor sum = Tensor.of(new double[config.dModel()], unpacked.dimension(D_MODEL));
    for (int l = 0; l < attention; l++) {
      sum = sum.plus(tensor(Parameter.B_O, l));
      if (mlpBiases && l < layer && !config.attentionOnly()) {
        sum = sum.plus(tensor(Parameter.B_OUT, l));
      }
    }
    return sum.withOrigin(new ParameterOrigin("accumulated bias", model.view()));
  }

  /** The names of the heads as the literature writes them: {@code L0H0}, {@code L0H1}, … */
  public List<String> headLabels() {
    List<String> labels = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      for (int head = 0; head < config.heads(); head++) {
        labels.add("L" + layer + "H" + head);
      }
    }
    return labels;
  }

  /** How many numbers the model has been trained to; a tied unembedding counts once. */
  public long count() {
    long d = config.dModel();
    long width = (long) config.heads() * config.dHead();
    long norm = config.layerNorm() ? 2 * d : 0;
    long mlp = config.attentionOnly() ? 0 : 2 * d * config.dMlp() + config.dMlp() + d + norm;
    long block = norm + 4 * d * width + 3 * width + d + mlp;
    long tables = (config.tied() ? 1 : 2) * d * config.vocab();
    long positions = config.positions() ? d * config.context() : 0;
    long bias =
        weights.unembeddingBias() == null || model.view().has(View.Step.FOLD_LN)
            ? 0
            : config.vocab();
    return tables + positions + config.layers() * block + norm + bias;
  }

  /**
   * The size that TransformerLens calls {@code n_params}: the matrices of attention and MLPs,
   * without embeddings, biases and layer norms.
   */
  public long countOfMatrices() {
    long d = config.dModel();
    long width = (long) config.heads() * config.dHead();
    long mlp = config.attentionOnly() ? 0 : 2 * d * config.dMlp();
    return config.layers() * (4 * d * width + mlp);
  }

  /**
   * What rows add to each logit: {@code out = rows · W_U}, without b_U.
   *
   * @param rows {@code [rows, d_model]}
   * @param out {@code [rows, vocab]}
   */
  public void unembed(Array rows, Array out) {
    backend.product(rows, weights.unembedding(), null, out);
  }

  /**
   * The unembedding of some tokens alone.
   *
   * @throws IllegalArgumentException if the model has not all of them
   */
  public TokenLogits logitsOf(int... tokens) {
    for (int token : tokens) {
      checkToken(token);
    }
    return new TokenLogits(backend, weights, tokens);
  }

  private void checkToken(int token) {
    if (token < 0 || token >= config.vocab()) {
      throw new IllegalArgumentException(
          "token id %d is not in 0 … %d".formatted(token, config.vocab() - 1));
    }
  }
}
