package dev.vitrine.analysis;

import static dev.vitrine.analysis.NormConvention.FROZEN_SCALE_AND_GAIN;
import static dev.vitrine.tensor.Axis.COMPONENT;
import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.NEURON;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.VOCAB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.analysis.Residual.Writers;
import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The parts of the residual stream add up to it, in every model and at every depth. */
@Tag("golden")
class ResidualTest {

  static Stream<Arguments> runs() {
    return GoldenCase.ofKind("forward", "forward_tl")
        .flatMap(golden -> Stream.of("reference", "scalar").map(b -> Arguments.of(golden, b)));
  }

  private static Gpt2 load(GoldenCase golden, String backend) {
    return Gpt2.load(golden.model().toString(), Backends.open(backend, 1));
  }

  private static Batch batch(GoldenCase golden, Gpt2 model) {
    return model.traces(golden.tokens("main").stream().map(model::tokens).toList());
  }

  private static List<Depth> depths(Gpt2 model) {
    List<Depth> depths = new ArrayList<>();
    for (int layer = 0; layer < model.config().layers(); layer++) {
      depths.add(Depth.before(layer));
      if (!model.config().attentionOnly()) {
        depths.add(Depth.beforeMlp(layer));
      }
    }
    depths.add(Depth.end(model.config()));
    return depths;
  }

  /** Adding in another order costs what rounding costs, no more. */
  private static void assertSame(String what, Tensor sum, Tensor whole, Tensor parts) {
    double precision = whole.isDouble() ? 1e-12 : 3e-6;
    double largest = Math.max(parts.abs().max().value(), whole.abs().max().value());
    assertThat(sum.maxAbsDifference(whole)).as(what).isLessThanOrEqualTo(precision * largest);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void writersAddUpToTheStreamAtEveryDepth(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      Batch batch = batch(golden, model);
      for (Depth depth : depths(model)) {
        Residual residual = Residual.of(batch).upTo(depth);
        Tensor stream = residual.stream();
        List<Tensor> decompositions = new ArrayList<>();
        decompositions.add(residual.decomposeResid(Writers.ALL));
        decompositions.add(residual.stackHeadResults(true));
        decompositions.add(residual.stackNeuronResults(true));
        decompositions.add(residual.fullResidDecomposition(false));
        decompositions.add(residual.fullResidDecomposition(true));
        for (Tensor parts : decompositions) {
          assertSame(parts.title() + " at " + depth, parts.sum(COMPONENT), stream, parts);
        }
        Tensor grown = residual.accumulatedResid(true);
        assertThat(grown.at(COMPONENT, -1).sameBits(stream)).isTrue();
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void attributionsAndBiasesAddUpToTheLogit(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      Batch batch = batch(golden, model);
      Unembedding unembedding = new Unembedding(model);
      Residual residual = Residual.of(batch);
      Tensor stack = residual.fullResidDecomposition(false);
      for (int token : new int[] {0, model.config().vocab() - 1}) {
        Tensor direction = unembedding.direction(token);
        Tensor shares = residual.logitAttrs(stack, direction, FROZEN_SCALE_AND_GAIN);
        double biases = model.parameters().unembeddingBias(token);
        if (model.config().layerNorm()) {
          biases +=
              model.parameters().finalBias().orElseThrow().dot(direction, Axis.D_MODEL).value();
        }
        Tensor logit = batch.tensor(Site.logits()).at(VOCAB, token);
        assertSame("logit of " + token, shares.sum(COMPONENT).plus(biases), logit, shares);
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void theLensEndsInTheModelAndTheTrajectoryToo(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      Trace trace = batch(golden, model).get(0);
      Tensor lens = Residual.of(trace).logitLens(false);
      assertThat(lens.at(COMPONENT, -1).sameBits(trace.logits())).isTrue();
      Trajectory trajectory = Trajectory.of(trace);
      double precision = model.backend().isDouble() ? 1e-11 : 1e-5;
      assertThat(trajectory.kl().at(LAYER, -1).abs().max().value()).isLessThan(precision);
      Tensor log = lens.logSoftmax(VOCAB);
      assertThat(trajectory.entropy().size(LAYER)).isEqualTo(model.config().layers() + 1);
      for (int p = 0; p < trace.size(); p++) {
        for (int layer = 0; layer <= model.config().layers(); layer++) {
          Tensor row = log.at(COMPONENT, layer).at(POSITION, p);
          double entropy = -row.exp().times(row).sum().value();
          assertThat(trajectory.entropy().get(layer, p)).isCloseTo(entropy, within(1e-4));
          assertThat(trajectory.maxProbability().get(layer, p))
              .isCloseTo(Math.exp(row.max().value()), within(1e-5));
          assertThat(trajectory.kl().get(layer, p)).isGreaterThan(-precision);
        }
        if (p + 1 < trace.size()) {
          int next = trace.tokens().id(p + 1);
          assertThat(trajectory.crossEntropy().get(-1, p))
              .isCloseTo(trace.tensor(Site.lossPerToken()).get(p), within(1e-4));
          assertThat(trajectory.rank().get(-1, p))
              .isEqualTo(LogitLens.of(trace, p).layers().getLast().rank(next));
        } else {
          assertThat(trajectory.rank().get(-1, p)).isNaN();
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void readOutsAreTheAttributionsOfEveryToken(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      Trace trace = batch(golden, model).get(0);
      int token = model.config().vocab() / 2;
      Tensor direction = new Unembedding(model).direction(token);
      Residual last = Residual.of(trace).at(-1);
      Tensor heads =
          last.logitAttrs(last.stackHeadResults(false), direction, FROZEN_SCALE_AND_GAIN);
      int at = (model.config().layers() - 1) * model.config().heads();
      Tensor read = ReadOut.heads(trace, model.config().layers() - 1, -1).at(VOCAB, token);
      assertSame(
          "heads",
          read.withoutOrigin(),
          heads.range(COMPONENT, at, heads.size(COMPONENT)).rename(COMPONENT, HEAD),
          heads);
      if (model.config().attentionOnly()) {
        return;
      }
      int most = model.config().dMlp() - 1;
      Tensor neuron = ReadOut.neurons(trace, 0, -1, most).at(VOCAB, token).at(NEURON, 0);
      Tensor all = ReadOut.neurons(trace, 0, -1).at(VOCAB, token);
      Tensor stack = last.upTo(Depth.before(1)).stackNeuronResults(false);
      Tensor shares = last.logitAttrs(stack, direction, FROZEN_SCALE_AND_GAIN);
      assertSame("neurons", all, shares.rename(COMPONENT, NEURON), shares);
      assertThat(neuron.value()).isEqualTo(all.at(NEURON, most).value());
      assertThat(ReadOut.neurons(model, 0, 0).shape()).containsExactly(1, model.config().vocab());
      Tensor inputs = ReadOut.neuronInputs(model, 0, 0, most);
      assertThat(inputs.shape()).containsExactly(2, model.config().vocab());
      // By hand: what the layer norm, but for its divisor, makes of an embedding, through W_in.
      Tensor embedding = model.parameters().tensor(Parameter.W_E).at(VOCAB, token);
      Tensor x = embedding;
      if (model.config().layerNorm()) {
        Tensor gain = model.parameters().tensor(Parameter.LN2_W, 0);
        x = embedding.minus(embedding.mean(D_MODEL)).times(gain);
      }
      Tensor in = model.parameters().tensor(Parameter.W_IN, 0);
      Tensor expected = x.dot(in, D_MODEL).at(D_MLP, 0, most).rename(D_MLP, NEURON);
      Tensor found = inputs.at(VOCAB, token);
      for (int i = 0; i < 2; i++) {
        assertThat(found.get(i)).isCloseTo(expected.get(i), within(1e-5));
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void whatIsNotThereIsRefused(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      int layers = model.config().layers();
      Residual residual = Residual.of(batch(golden, model));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> residual.upTo(Depth.before(layers + 1)))
          .withMessageContaining("take 0 to " + layers);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> residual.upTo(Depth.before(0)).stackHeadResults(false))
          .withMessageContaining("no component at this depth");
      assertThat(residual.stackActivation(Hook.Z).size(LAYER)).isEqualTo(layers);
      if (model.config().attentionOnly()) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> residual.upTo(Depth.beforeMlp(0)))
            .withMessageContaining("no MLP");
      }
    }
  }
}
