package dev.vitrine.analysis.views;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.UnderTest;
import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.View;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A view changes what it says it changes, and nothing else, on models of every architecture. */
@Tag("golden")
class InvarianceTest {

  static Stream<Arguments> runs() {
    List<String> backends = UnderTest.backends();
    return GoldenCase.ofKind("forward", "forward_tl")
        .flatMap(golden -> backends.stream().map(backend -> Arguments.of(golden, backend)));
  }

  private static Gpt2 load(GoldenCase golden, String backend) {
    return Gpt2.load(golden.model().toString(), Backends.open(backend, 1));
  }

  private static Tokens tokens(GoldenCase golden, Gpt2 model) {
    return model.tokens(golden.tokens("main").getFirst());
  }

  private static List<View> views(Gpt2 model) {
    List<View> views = new ArrayList<>(List.of(View.RAW, model.applicable(View.FOLDED)));
    for (View.Step step : View.Step.values()) {
      views.add(model.applicable(View.of(step)));
    }
    views.add(model.applicable(View.of(View.Step.values())));
    return views;
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void everyViewKeepsWhatItMust(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      double tolerance = model.backend().isDouble() ? 1e-11 : 1e-4;
      for (View view : views(model)) {
        Invariance invariance = Invariance.of(model, view, tokens(golden, model));
        assertThat(invariance.holds(tolerance)).as(invariance.toString()).isTrue();
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void whatAViewChangesIsAnotherNumber(GoldenCase golden, String backend) {
    try (Gpt2 model = load(golden, backend)) {
      for (View.Step step : View.Step.values()) {
        if (!model.applicable(View.of(step)).has(step)) {
          continue;
        }
        Trace raw = model.trace(tokens(golden, model));
        Trace seen = model.view(View.of(step)).trace(tokens(golden, model));
        List<Site> changed =
            raw.sites().stream().filter(site -> Invariance.changes(step, site.hook())).toList();
        assertThat(changed).isNotEmpty();
        assertThat(changed)
            .as(step.toString())
            .anyMatch(site -> !raw.tensor(site).sameBits(seen.tensor(site)));
      }
    }
  }

  @Test
  void aStepThatDoesNotApplyIsRefusedWithItsReason() {
    String path = GoldenCase.root().resolve("edge_attn_only/model").toString();
    try (Gpt2 model = Gpt2.load(path, Backends.open("reference", 1))) {
      assertThatThrownBy(() -> model.view(View.FOLDED))
          .hasMessageContaining("fold_ln: the model has no layer norm")
          .hasMessageContaining("ask for center_unembed,fold_value_biases");
      assertThat(model.applicable(View.FOLDED))
          .isEqualTo(View.of(View.Step.CENTER_UNEMBED, View.Step.FOLD_VALUE_BIASES));
    }
  }
}
