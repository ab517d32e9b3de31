package dev.vitrine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Precision;
import dev.vitrine.trace.Trace;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A model with reduced weights is a model like any: the same bits everywhere, and close to it. */
class ReducedWeightsTest {
  private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

  @ParameterizedTest
  @EnumSource(Precision.class)
  void allBackendsGiveTheSameRun(Precision precision) {
    try (Gpt2 simd = Gpt2.load("embedded", Backends.open("simd", 2), precision);
        Gpt2 scalar = Gpt2.load("embedded", Backends.open("scalar", 1), precision);
        Gpt2 reference = Gpt2.load("embedded", Backends.open("reference", 1), precision)) {
      Trace trace = simd.trace(PROMPT);
      assertThat(trace.fingerprint()).isEqualTo(scalar.trace(PROMPT).fingerprint());
      assertThat(trace.loss()).isCloseTo(reference.trace(PROMPT).loss(), within(1e-4));
      Trace grown = simd.trace(simd.tokens(PROMPT).first(1));
      for (int position = 1; position < trace.size(); position++) {
        grown = grown.extended(trace.tokens().id(position));
      }
      assertThat(grown.fingerprint()).isEqualTo(trace.fingerprint());
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void itLosesLittle(Precision precision) {
    try (Gpt2 whole = Gpt2.load("embedded", Backends.open("scalar", 1));
        Gpt2 reduced = Gpt2.load("embedded", Backends.open("scalar", 1), precision)) {
      assertThat(reduced.precision()).isEqualTo(precision);
      double loss = reduced.trace(PROMPT).loss();
      assertThat(loss).isCloseTo(whole.trace(PROMPT).loss(), within(0.02));
    }
  }
}
