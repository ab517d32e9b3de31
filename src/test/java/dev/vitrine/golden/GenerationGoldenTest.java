package dev.vitrine.golden;

import static dev.vitrine.golden.Closeness.assertClose;
import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.generate.Generation;
import dev.vitrine.generate.Sampling;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts are continued as the reference tools continue them, and every tensor stays at hand. */
@Tag("golden")
@Tag("every-backend")
class GenerationGoldenTest {

  static Stream<Arguments> runs() {
    return ForwardGoldenTest.runs("generation");
  }

  private static Sampling.Builder greedy(GoldenCase golden) {
    return Sampling.builder().greedy(true).maxNew(golden.inputs().get("max_new_tokens").asInt());
  }

  private static Trace prompt(GoldenCase golden, Gpt2 model) {
    return model.trace(model.tokens(golden.tokens("prompt").getFirst()));
  }

  private static int[] ids(Checkpoint expected, String name) {
    return Arrays.stream(expected.tensor(name).doubles()).mapToInt(id -> (int) id).toArray();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void greedyIdsLogitsAndKeysAreTheirs(GoldenCase golden, String backend) {
    JsonNode statements = golden.expectation().get("tensors");
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend);
        Checkpoint expected = golden.expected()) {
      Trace prompt = prompt(golden, model);
      List<double[]> steps = new ArrayList<>(List.of(prompt.logits(-1).doubles()));
      Generation generation =
          Generation.run(
              prompt,
              greedy(golden).build(),
              (trace, id) -> steps.add(trace.logits(-1).doubles()),
              () -> false);
      steps.removeLast();
      Trace trace = generation.trace();
      boolean isDouble = model.backend().isDouble();
      assertThat(trace.tokens().ids()).isEqualTo(ids(expected, "greedy_ids"));
      assertThat(generation.reason()).isEqualTo(Generation.Reason.MAX_NEW);
      assertClose(
          "step_logits",
          steps.stream().flatMapToDouble(Arrays::stream).toArray(),
          expected.tensor("step_logits").doubles(),
          statements.get("step_logits"),
          isDouble);
      Trace cached = trace.rewound(trace.size() - 1);
      for (int layer = 0; layer < model.config().layers(); layer++) {
        String name = "kv_cache/blocks." + layer;
        assertClose(
            name,
            headsFirst(cached.tensor(Site.k(layer))),
            expected.tensor(name + ".keys").doubles(),
            statements.get(name + ".keys"),
            isDouble);
        assertClose(
            name,
            headsFirst(cached.tensor(Site.v(layer))),
            expected.tensor(name + ".values").doubles(),
            statements.get(name + ".values"),
            isDouble);
      }
    }
  }

  private static double[] headsFirst(Tensor tensor) {
    return tensor.permute(HEAD, POSITION, D_HEAD).doubles();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void theTraceOfAGenerationIsThatOfOneRun(GoldenCase golden, String backend) {
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend)) {
      Trace grown = Generation.run(prompt(golden, model), greedy(golden).build()).trace();
      Trace whole = model.trace(grown.tokens());
      for (Site site : whole.sites()) {
        assertThat(grown.tensor(site).sameBits(whole.tensor(site))).as(site.name()).isTrue();
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void aPromptReadInChunksIsTheSame(GoldenCase golden, String backend) {
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend)) {
      Tokens prompt = model.tokens(golden.tokens("prompt").getFirst());
      int[] ids = prompt.ids();
      int[] chunks = GoldenCase.ints(golden.inputs().get("prefill_chunks"));
      Trace trace = model.trace(prompt.first(chunks[0]));
      int from = chunks[0];
      for (int i = 1; i < chunks.length; i++) {
        trace = trace.extended(model.tokens(Arrays.copyOfRange(ids, from, from + chunks[i])));
        from += chunks[i];
      }
      assertThat(trace.logits().sameBits(model.trace(prompt).logits())).isTrue();
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void aStopTokenEndsItAndBelongsToIt(GoldenCase golden, String backend) {
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend);
        Checkpoint expected = golden.expected()) {
      int stop = golden.inputs().get("stop_token").asInt();
      Generation generation =
          Generation.run(prompt(golden, model), greedy(golden).stop(stop).build());
      assertThat(generation.trace().tokens().ids()).isEqualTo(ids(expected, "stopped_ids"));
      assertThat(generation.reason()).isEqualTo(Generation.Reason.STOP_TOKEN);
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void theRepetitionPenaltyIsTheirs(GoldenCase golden, String backend) {
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend);
        Checkpoint expected = golden.expected()) {
      double penalty = golden.inputs().get("repetition_penalty").asDouble();
      Generation generation =
          Generation.run(prompt(golden, model), greedy(golden).repetitionPenalty(penalty).build());
      String name =
          golden.names().stream().filter(n -> n.contains("penal")).findFirst().orElseThrow();
      assertThat(generation.trace().tokens().ids()).isEqualTo(ids(expected, name));
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void aFullContextAndACancellationEndItWithAReason(GoldenCase golden, String backend) {
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend)) {
      Sampling many = Sampling.builder().greedy(true).maxNew(10_000).build();
      Generation full = Generation.run(prompt(golden, model), many);
      assertThat(full.reason()).isEqualTo(Generation.Reason.CONTEXT_END);
      assertThat(full.trace().size()).isEqualTo(model.config().context());
      int[] count = {0};
      Generation cancelled =
          Generation.run(
              prompt(golden, model), many, (trace, id) -> count[0]++, () -> count[0] == 3);
      assertThat(cancelled.reason()).isEqualTo(Generation.Reason.CANCELLED);
      assertThat(cancelled.ids()).hasSize(3);
      Thread.currentThread().interrupt();
      Generation interrupted = Generation.run(full.trace().rewound(3), many);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(interrupted.reason()).isEqualTo(Generation.Reason.CANCELLED);
    }
  }
}
