package dev.vitrine.analysis.why;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WhyTest {

  /** Models of every architecture. */
  static Stream<GoldenCase> models() {
    return GoldenCase.ofKind("forward", "forward_tl");
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyTermIsTheSumOfItsParts(GoldenCase golden) {
    try (Gpt2 model = Gpt2.load(golden.model().toString(), Backends.open("reference", 1))) {
      Trace trace = model.trace(model.tokens(golden.tokens("main").getFirst()));
      Why why = Why.of(trace, -1, trace.predictions().first());
      descend(why.root(), Math.abs(why.root().value()), 5);
    }
  }

  @Test
  void inAnyViewOfTheWeights() {
    try (Gpt2 raw = Gpt2.load("embedded", Backends.open("reference", 0))) {
      for (View view : List.of(View.RAW, View.FOLDED)) {
        Gpt2 model = raw.view(view);
        Trace trace = model.trace("When Mary and John went to the store, John gave a drink to");
        int mary = model.tokens(" Mary").id(0);
        int john = model.tokens(" John").id(0);
        Why why = Why.ofDifference(trace, -1, mary, john);
        double difference = trace.logits(-1).get(mary) - trace.logits(-1).get(john);
        assertThat(why.root().value()).isEqualTo(difference);
        descend(why.root(), difference, 6);
      }
    }
  }

  /** Follows the largest terms down; each sum is exact to a part of the largest number in it. */
  private static void descend(Term term, double scale, int depth) {
    double largest = scale;
    for (Term part : term.parts()) {
      largest = Math.max(largest, Math.abs(part.value()));
    }
    if (Double.isFinite(largest)) {
      assertThat(term.remainder()).as(term.toString()).isCloseTo(0, within(1e-10 * largest));
    }
    if (depth > 0) {
      for (Term.Kind kind : Term.Kind.values()) {
        term.parts().stream()
            .filter(part -> part.kind() == kind)
            .max((a, b) -> Double.compare(Math.abs(a.value()), Math.abs(b.value())))
            .ifPresent(part -> descend(part, Math.abs(part.value()), depth - 1));
      }
    }
  }

  @Test
  void anEffectIsWhatTheLogitLosesWithoutTheTerm() {
    try (Gpt2 model = Gpt2.load("embedded", Backends.open("scalar", 0))) {
      Trace trace = model.trace("When Mary and John went to the store, John gave a drink to");
      int mary = model.tokens(" Mary").id(0);
      Why why = Why.of(trace, -1, mary);
      List<Term> terms = new ArrayList<>(why.root().parts());
      Term head = terms.stream().filter(t -> t.label().equals("L1H2")).findFirst().orElseThrow();
      terms.addAll(head.parts());
      Map<Term, Double> effects = why.effects(terms);
      Trace without =
          trace.with(Edit.zero(Site.result(1).at(HEAD, 2).at(POSITION, trace.size() - 1)));
      double effect = trace.logits(-1).get(mary) - without.logits(-1).get(mary);
      assertThat(effects.get(head)).isEqualTo(effect);
      assertThat(effects.keySet()).noneMatch(term -> term.kind() == Term.Kind.BIAS);
      assertThat(effects)
          .hasSize((int) terms.stream().filter(t -> t.ablation().isPresent()).count());
      // " Mary" is where this head looks, and what it moves
      assertThat(head.largest(1).getFirst().label()).isEqualTo("from 1 \" Mary\"");
    }
  }

  @Test
  void whatIsNotThereIsSaid() {
    try (Gpt2 model = Gpt2.load("embedded", Backends.open("scalar", 1))) {
      Trace trace = model.trace("Mary went");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Why.of(trace, 2, 0))
          .withMessageContaining("0 to 1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Why.of(trace, 0, -1))
          .withMessageContaining("token id -1");
    }
  }
}
