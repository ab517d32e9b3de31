package dev.vitrine.analysis.audit;

import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;

import dev.vitrine.analysis.NormConvention;
import dev.vitrine.analysis.Residual;
import dev.vitrine.analysis.Unembedding;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Config;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The sums that run through all layers: the components that make the residual stream, and their
 * shares of a logit. One layer's components are in memory at a time.
 */
final class Accumulation {
  private final Trace trace;
  private final Config config;
  private final int[] tokens;
  private final Tensor directions;
  private final Residual residual;
  private double[] stream = new double[0];
  private final double[] shares;

  Accumulation(Trace trace) {
    this.trace = trace;
    this.config = trace.model().config();
    this.residual = Residual.of(trace);
    this.tokens = IntStream.range(0, trace.size()).map(p -> trace.predictions(p).first()).toArray();
    this.directions = new Unembedding(trace.model()).directions(POSITION, tokens);
    this.shares = new double[trace.size()];
  }

  /** The stream before the first block. */
  void embeddings(Function<Site, Tensor> tensors) {
    add(tensors.apply(Site.embed()));
    if (config.positions()) {
      add(tensors.apply(Site.posEmbed()));
    }
  }

  /** What a block adds; whether all so far is the stream behind it. */
  Finding block(int layer, Function<Site, Tensor> tensors) {
    Tensor results = tensors.apply(Site.result(layer));
    for (int head = 0; head < config.heads(); head++) {
      add(results.at(HEAD, head));
    }
    addEverywhere(trace.model().parameters().attentionOutputBias(layer));
    if (!config.attentionOnly()) {
      add(tensors.apply(Site.mlpOut(layer)));
    }
    Tensor value = tensors.apply(Site.residPost(layer));
    return Finding.between(
        Site.residPost(layer),
        "Σ of embeddings, heads, b_O and MLPs so far = hook_resid_post",
        false,
        Tensor.of(stream.clone(), value.dimensions().toArray(Dimension[]::new)),
        value);
  }

  /** Adds a component {@code [position, d_model]} to the stream and to the logits. */
  private void add(Tensor component) {
    double[] elements = component.permute(POSITION, D_MODEL).doubles();
    stream = stream.length == 0 ? new double[elements.length] : stream;
    for (int i = 0; i < elements.length; i++) {
      stream[i] += elements[i];
    }
    Tensor wide = Tensor.of(elements, component.dimensions().toArray(Dimension[]::new));
    double[] share =
        residual
            .applyLnToStack(wide, NormConvention.FROZEN_SCALE_AND_GAIN)
            .dot(directions, D_MODEL)
            .doubles();
    for (int p = 0; p < shares.length; p++) {
      shares[p] += share[p];
    }
  }

  private void addEverywhere(Tensor vector) {
    List<Tensor> rows = IntStream.range(0, trace.size()).mapToObj(p -> vector).toList();
    add(Tensor.stack(rows, POSITION.of(trace.tokens().strings())));
  }

  /** The end: shares of the likeliest token's logit at each position, and the biases. */
  Finding attribution() {
    double[] logits = new double[trace.size()];
    Optional<Tensor> bias = trace.model().parameters().finalBias();
    for (int p = 0; p < logits.length; p++) {
      logits[p] = trace.logits(p).get(tokens[p]);
      shares[p] += trace.model().parameters().unembeddingBias(tokens[p]);
      if (bias.isPresent()) {
        shares[p] += wide(bias.get()).dot(directions.at(POSITION, p), D_MODEL).value();
      }
    }
    Dimension positions = Axis.POSITION.of(trace.tokens().strings());
    return Finding.between(
        Site.logits(),
        "Σ of attributions + ln_final.b · W_U + b_U = logit of each position's likeliest token",
        false,
        Tensor.of(shares.clone(), positions),
        Tensor.of(logits, positions));
  }

  private static Tensor wide(Tensor tensor) {
    return Tensor.of(tensor.doubles(), tensor.dimensions().toArray(Dimension[]::new));
  }
}
