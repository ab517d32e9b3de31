package dev.vitrine.golden;

import static dev.vitrine.golden.Closeness.assertClose;
import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.COMPONENT;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.POSITION;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.analysis.Depth;
import dev.vitrine.analysis.NormConvention;
import dev.vitrine.analysis.Residual;
import dev.vitrine.analysis.Residual.Writers;
import dev.vitrine.analysis.Unembedding;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Batch;
import dev.vitrine.weights.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The residual stream is taken apart as TransformerLens takes it apart, with the same labels. */
@Tag("golden")
class AnalysisGoldenTest {
  private static final Pattern LAYER_NUMBER = Pattern.compile("_layer(\\d+)");

  static Stream<Arguments> runs() {
    return ForwardGoldenTest.runs("analysis");
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void everyDecompositionIsTheirs(GoldenCase golden, String backend) {
    JsonNode expectation = golden.expectation();
    try (Gpt2 raw = ForwardGoldenTest.load(golden, backend);
        Checkpoint expected = golden.expected()) {
      List<String> left = new ArrayList<>(golden.names());
      for (Map.Entry<String, JsonNode> variant : golden.inputs().get("variants").properties()) {
        View view = ProcessedGoldenTest.view(variant.getValue());
        Run run = new Run(golden, raw.view(raw.applicable(view)));
        for (String name : golden.names()) {
          if (name.startsWith(variant.getKey() + "/")) {
            Tensor actual = run.tensor(name.substring(variant.getKey().length() + 1));
            JsonNode statement = expectation.get("tensors").get(name);
            assertThat(actual.shape()).as(name).isEqualTo(GoldenCase.ints(statement.get("shape")));
            labels(name, actual, expectation.get("data").get("labels").get(name));
            double[] wanted = expected.tensor(name).doubles();
            assertClose(name, actual.doubles(), wanted, statement, raw.backend().isDouble());
            left.remove(name);
          }
        }
      }
      assertThat(left).isEmpty();
    }
  }

  private static void labels(String name, Tensor actual, @Nullable JsonNode expected) {
    if (expected != null) {
      List<String> labels = new ArrayList<>();
      expected.forEach(label -> labels.add(label.asText()));
      assertThat(actual.labels(COMPONENT)).as(name).isEqualTo(labels);
    }
  }

  /** A batch of one model, asked in the case's words. */
  private static final class Run {
    private final GoldenCase golden;
    private final Gpt2 model;
    private final Batch batch;
    private final Residual residual;
    private final Unembedding unembedding;

    Run(GoldenCase golden, Gpt2 model) {
      this.golden = golden;
      this.model = model;
      this.batch = model.traces(golden.tokens("main").stream().map(model::tokens).toList());
      this.residual = Residual.of(batch);
      this.unembedding = new Unembedding(model);
    }

    Tensor tensor(String name) {
      if (name.equals("logits")) {
        return batch.tensor("logits");
      }
      if (name.startsWith("logit_attrs")) {
        return attributions(name);
      }
      if (name.startsWith("accumulated_bias")) {
        return biases(!name.endsWith("_no_mlp"));
      }
      boolean last = name.contains("_last");
      Residual there = (last ? residual.at(-1) : residual).upTo(depth(name));
      Tensor stack = stack(name, there);
      boolean ln = name.endsWith("_ln") || name.startsWith("apply_ln");
      boolean anew = name.startsWith("accumulated") && there.depth().equals(residual.depth());
      return ln
          ? there.applyLnToStack(stack, anew ? NormConvention.ANEW : NormConvention.FROZEN_SCALE)
          : stack;
    }

    /** A layer of TransformerLens's means before that block; with mlp_input, before its MLP. */
    private Depth depth(String name) {
      Matcher layer = LAYER_NUMBER.matcher(name);
      if (!layer.find()) {
        return residual.depth();
      }
      int number = Integer.parseInt(layer.group(1));
      boolean mlp = name.contains("mlp") || (isDecomposition(name) && endsWithAttention(name));
      return mlp ? Depth.beforeMlp(number) : Depth.before(number);
    }

    private static boolean isDecomposition(String name) {
      return name.startsWith("decompose_resid");
    }

    /** The name does not say mlp_input, its labels do. */
    private boolean endsWithAttention(String name) {
      JsonNode labels = golden.expectation().get("data").get("labels").get("raw/" + name);
      String end = labels.get(labels.size() - 1).asText();
      Matcher layer = LAYER_NUMBER.matcher(name);
      return layer.find() && end.equals(layer.group(1) + "_attn_out");
    }

    private Tensor stack(String name, Residual there) {
      if (name.startsWith("accumulated_resid")) {
        return there.accumulatedResid(name.contains("_mid"));
      }
      if (name.startsWith("logit_lens")) {
        return there.logitLens(name.contains("_mid"));
      }
      if (isDecomposition(name)) {
        return there.decomposeResid(
            name.contains("_attn")
                ? Writers.ATTN
                : name.endsWith("_mlp") ? Writers.MLP : Writers.ALL);
      }
      if (name.startsWith("apply_ln_to_stack")) {
        return residual.decomposeResid(Writers.ALL);
      }
      if (name.startsWith("stack_head_results")) {
        return there.stackHeadResults(name.contains("_remainder"));
      }
      if (name.startsWith("stack_neuron_results")) {
        return there.stackNeuronResults(name.contains("_remainder"));
      }
      if (name.startsWith("full_resid_decomposition")) {
        return there.fullResidDecomposition(!name.contains("_mlps"));
      }
      throw new AssertionError("no code answers to " + name);
    }

    private Tensor attributions(String name) {
      JsonNode answers = golden.inputs().get("answers");
      Residual there = name.contains("_last") ? residual.at(-1) : residual;
      Tensor stack =
          name.contains("_heads")
              ? there.stackHeadResults(false)
              : there.decomposeResid(Writers.ALL);
      int[] right = GoldenCase.ints(answers.get("right"));
      Tensor direction;
      if (name.contains("_per_position")) {
        List<Tensor> rows =
            GoldenCase.rows(golden.inputs().get("answers_per_position")).stream()
                .map(row -> unembedding.directions(POSITION, row))
                .toList();
        direction = Tensor.stack(rows, BATCH.of(rows.size()));
      } else if (name.contains("_one_token")) {
        direction = unembedding.direction(right[0]);
      } else {
        direction = unembedding.directions(BATCH, right);
      }
      if (name.contains("_diff")) {
        int[] wrong = GoldenCase.ints(answers.get("wrong"));
        direction = direction.minus(unembedding.directions(BATCH, wrong));
      }
      return there.logitAttrs(stack, direction, NormConvention.FROZEN_SCALE);
    }

    private Tensor biases(boolean mlp) {
      int layers = model.config().layers();
      List<Tensor> biases =
          IntStream.rangeClosed(0, layers)
              .mapToObj(layer -> residual.upTo(Depth.before(layer)).accumulatedBias(mlp))
              .toList();
      return Tensor.stack(biases, LAYER.of(biases.size()));
    }
  }
}
