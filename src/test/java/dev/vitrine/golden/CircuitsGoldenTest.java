package dev.vitrine.golden;

import static dev.vitrine.golden.Closeness.assertClose;
import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.analysis.Information;
import dev.vitrine.analysis.circuits.Circuits;
import dev.vitrine.analysis.circuits.Composition;
import dev.vitrine.analysis.circuits.HeadDetector;
import dev.vitrine.analysis.circuits.HeadScores;
import dev.vitrine.analysis.circuits.SingularReadOut;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.Top;
import dev.vitrine.tensor.View;
import dev.vitrine.tensor.factored.FactoredMatrix;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Circuits, detectors and divergences are those of the reference tools. */
@Tag("golden")
class CircuitsGoldenTest {
  private static final Pattern HEAD_OF = Pattern.compile("_L(\\d+)H(\\d+)");

  static Stream<Arguments> runs() {
    return ForwardGoldenTest.runs("circuits");
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void everyNumberIsTheReferenceTools(GoldenCase golden, String backend) {
    JsonNode statements = golden.expectation().get("tensors");
    try (Gpt2 raw = ForwardGoldenTest.load(golden, backend);
        Checkpoint expected = golden.expected()) {
      for (String name : golden.names()) {
        Tensor actual = tensor(raw, golden, name);
        JsonNode statement = statements.get(name);
        double[] wanted = expected.tensor(name).doubles();
        assertThat(actual.shape()).as(name).isEqualTo(GoldenCase.ints(statement.get("shape")));
        if (statement.path("compare").asText().equals("exact")) {
          assertThat(actual.doubles()).as(name).isEqualTo(wanted);
        } else {
          assertClose(name, actual.doubles(), wanted, statement, raw.backend().isDouble());
        }
      }
      double loss = golden.expectation().at("/scalars/loss/value").asDouble();
      double error = golden.expectation().at("/scalars/loss/f32_abs_err").asDouble();
      double tolerance = raw.backend().isDouble() ? 1e-9 * loss : 8 * error;
      assertThat(batch(raw, golden, "plain").loss()).isCloseTo(loss, within(tolerance));
    }
  }

  private static Tensor tensor(Gpt2 raw, GoldenCase golden, String name) {
    int slash = name.indexOf('/');
    String group = slash < 0 ? "" : name.substring(0, slash);
    String rest = name.substring(slash + 1);
    return switch (group) {
      case "raw" -> weights(new Circuits(raw), rest);
      case "folded" -> weights(new Circuits(raw.view(raw.applicable(View.FOLDED))), rest);
      case "detect" -> detection(batch(raw, golden, "repeated").get(0), rest);
      default -> distribution(raw, golden, name);
    };
  }

  private static Batch batch(Gpt2 model, GoldenCase golden, String tokens) {
    return model.traces(golden.tokens(tokens).stream().map(model::tokens).toList());
  }

  private static Tensor weights(Circuits circuits, String name) {
    Matcher head = HEAD_OF.matcher(name);
    boolean one = head.find();
    int layer = one ? Integer.parseInt(head.group(1)) : 0;
    int index = one ? Integer.parseInt(head.group(2)) : 0;
    return switch (name.replaceAll("_L\\d+H\\d+", "")) {
      case "composition_Q" -> circuits.composition(Composition.Q);
      case "composition_K" -> circuits.composition(Composition.K);
      case "composition_V" -> circuits.composition(Composition.V);
      case "OV" -> circuits.ov().ab();
      case "QK" -> circuits.qk().ab();
      case "OV_singular_values" -> circuits.ov().svd().s();
      case "QK_singular_values" -> circuits.qk().svd().s();
      case "OV_norm" -> circuits.ov().norm();
      case "QK_norm" -> circuits.qk().norm();
      case "OV_eigenvalues" -> circuits.ov().eigenvalues();
      case "OV_copying_score" -> circuits.ov().copyingScore();
      case "full_OV_eigenvalues" -> circuits.fullOvEigenvalues();
      case "full_OV_copying_score" -> circuits.copyingScores();
      case "full_OV" -> circuits.fullOv(layer, index).ab();
      case "full_QK" -> circuits.fullQk(layer, index).ab();
      case "full_OV_corner" -> circuits.fullOv(1, 1).corner(5); // the case does not say of which
      case "svd_OV_top3_vocab_abs" ->
          SingularReadOut.ov(circuits.model(), layer, index, 3).tokens().abs();
      default -> throw new AssertionError("no code for " + name);
    };
  }

  private static Tensor detection(Trace trace, String name) {
    int period = (trace.size() - 1) / 2;
    switch (name) {
      case "previous_stripe" -> {
        return HeadScores.stripe(trace, 1);
      }
      case "duplicate_stripe" -> {
        return HeadScores.stripe(trace, period);
      }
      case "induction_stripe" -> {
        return HeadScores.stripe(trace, period - 1);
      }
      default -> {}
    }
    String kind = name.substring(0, name.indexOf('/'));
    HeadDetector detector =
        HeadDetector.known().stream().filter(d -> d.name().equals(kind)).findFirst().orElseThrow();
    String what = name.substring(kind.length() + 1);
    return switch (what) {
      case "pattern" -> detector.pattern(trace.tokens());
      case "abs_unrounded" ->
          new HeadScores(HeadScores.Measure.ABS, false, false).of(trace, detector);
      default ->
          new HeadScores(
                  HeadScores.Measure.MUL, what.contains("no_bos"), what.contains("no_current"))
              .of(trace, detector);
    };
  }

  private static Tensor distribution(Gpt2 model, GoldenCase golden, String name) {
    Batch plain = batch(model, golden, "plain");
    Tensor p = plain.tensor(Site.logits()).logSoftmax(VOCAB);
    if (name.equals("entropy/attention")) {
      List<Tensor> layers = new ArrayList<>();
      for (int layer = 0; layer < model.config().layers(); layer++) {
        layers.add(Information.entropyOf(plain.tensor(Site.pattern(layer)), KEY));
      }
      return Tensor.stack(layers, LAYER.of(layers.size())).permute(LAYER, BATCH, HEAD, QUERY);
    }
    Tensor q = batch(model, golden, "plain_changed").tensor(Site.logits()).logSoftmax(VOCAB);
    return switch (name) {
      case "log_probs" -> p;
      case "entropy/output" -> Information.entropy(p, VOCAB);
      case "kl/plain_to_changed" -> Information.kl(p, q, VOCAB);
      case "kl/changed_to_plain" -> Information.kl(q, p, VOCAB);
      case "js" -> Information.js(p, q, VOCAB);
      case "total_variation" -> Information.totalVariation(p, q, VOCAB);
      case "loss_per_token" -> plain.tensor(Site.lossPerToken());
      case "rank_of_next" -> ranks(plain);
      case "top5_ids" -> top(plain, 5);
      default -> throw new AssertionError("no code for " + name);
    };
  }

  private static Tensor ranks(Batch batch) {
    List<Tensor> rows = new ArrayList<>();
    for (Trace trace : batch) {
      Tokens tokens = trace.tokens();
      double[] ranks = new double[trace.size() - 1];
      for (int p = 0; p < ranks.length; p++) {
        ranks[p] = trace.predictions(p).rank(tokens.id(p + 1)) - 1; // theirs count from 0
      }
      rows.add(Tensor.of(ranks, Axis.POSITION.of(ranks.length)));
    }
    return Tensor.stack(rows, BATCH.of(batch.size()));
  }

  private static Tensor top(Batch batch, int count) {
    List<Tensor> rows = new ArrayList<>();
    for (Trace trace : batch) {
      double[] ids = new double[trace.size() * count];
      for (int p = 0; p < trace.size(); p++) {
        List<Top.Entry> entries = trace.predictions(p).top(count).entries();
        for (int i = 0; i < count; i++) {
          ids[p * count + i] = entries.get(i).index();
        }
      }
      rows.add(Tensor.of(ids, Axis.POSITION.of(trace.size()), Axis.COMPONENT.of(count)));
    }
    return Tensor.stack(rows, BATCH.of(batch.size()));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void aFactoredMatrixIsTheMatrix(GoldenCase golden, String backend) {
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend)) {
      FactoredMatrix ov = new Circuits(model).ov();
      assertThat(ov.makeEven().ab().maxAbsDifference(ov.ab())).isLessThan(1e-12);
      assertThat(ov.transpose().transpose().ab().maxAbsDifference(ov.ab())).isZero();
    }
  }
}
