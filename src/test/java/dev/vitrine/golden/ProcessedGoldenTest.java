package dev.vitrine.golden;

import static dev.vitrine.golden.Closeness.assertClose;
import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.tensor.factored.FactoredMatrix;
import dev.vitrine.trace.Batch;
import dev.vitrine.weights.Checkpoint;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every view of the weights is what TransformerLens's processing makes of them. */
@Tag("golden")
class ProcessedGoldenTest {

  static Stream<Arguments> runs() {
    return ForwardGoldenTest.runs("processed");
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void everyViewIsWhatTransformerLensMakes(GoldenCase golden, String backend) {
    JsonNode statements = golden.expectation().get("tensors");
    JsonNode variants = golden.inputs().get("variants");
    try (Gpt2 raw = ForwardGoldenTest.load(golden, backend);
        Checkpoint expected = golden.expected()) {
      for (String name : golden.names()) {
        String variant = name.substring(0, name.indexOf('/'));
        Gpt2 model = raw.view(raw.applicable(view(variants.path(variant))));
        Tensor actual = tensor(model, golden, name.substring(variant.length() + 1));
        assertClose(
            name,
            actual.doubles(),
            expected.tensor(name).doubles(),
            statements.get(name),
            model.backend().isDouble());
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void aWeightThatIsNotListedIsTheRawOne(GoldenCase golden, String backend) {
    Set<String> listed = Set.copyOf(golden.names());
    try (Gpt2 raw = ForwardGoldenTest.load(golden, backend)) {
      for (Map.Entry<String, JsonNode> variant : golden.inputs().get("variants").properties()) {
        if (variant.getValue().has("refactor_factored_attn_matrices")) {
          continue; // gives invariants only
        }
        Gpt2 model = raw.view(raw.applicable(view(variant.getValue())));
        for (String name : model.parameters().names()) {
          Tensor own = model.parameters().tensor(name);
          boolean differs = listed.contains(variant.getKey() + "/weights/" + name);
          assertThat(differs || own.sameBits(raw.parameters().tensor(name)))
              .as(variant.getKey() + " " + name)
              .isTrue();
        }
      }
    }
  }

  static View view(JsonNode flags) {
    Set<View.Step> steps = EnumSet.noneOf(View.Step.class);
    for (View.Step step : View.Step.values()) {
      if (flags.path(step.toString()).asBoolean()) {
        steps.add(step);
      }
    }
    return new View(steps);
  }

  private static Tensor tensor(Gpt2 model, GoldenCase golden, String name) {
    if (name.startsWith("weights/")) {
      return model.parameters().tensor(name.substring("weights/".length()));
    }
    if (name.startsWith("blocks.")) {
      int layer = Integer.parseInt(name.substring(7, name.indexOf('.', 7)));
      String what = name.substring(name.indexOf('.', 7) + 1);
      switch (what) {
        case "OV" -> {
          return circuit(model, layer, Parameter.W_V, Parameter.W_O).ab();
        }
        case "QK" -> {
          return circuit(model, layer, Parameter.W_Q, Parameter.W_K).ab();
        }
        case "b_V" -> {
          return model.parameters().tensor(Parameter.B_V, layer);
        }
        case "b_O" -> {
          return model.parameters().tensor(Parameter.B_O, layer);
        }
        case "W_V_column_norms" -> {
          return model.parameters().tensor(Parameter.W_V, layer).norm(D_MODEL);
        }
        default -> {}
      }
    }
    Batch batch = model.traces(golden.tokens("main").stream().map(model::tokens).toList());
    return batch.tensor(name);
  }

  private static FactoredMatrix circuit(Gpt2 model, int layer, Parameter a, Parameter b) {
    return FactoredMatrix.of(
        model.parameters().tensor(a, layer),
        D_MODEL,
        D_HEAD,
        model.parameters().tensor(b, layer),
        D_MODEL);
  }
}
