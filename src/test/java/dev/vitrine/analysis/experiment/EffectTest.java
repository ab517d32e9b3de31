package dev.vitrine.analysis.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.trace.RandomGpt2;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The effect of edits is measured as its formulas say. */
class EffectTest {

  @Test
  void divergenceAndChangesAreThoseOfTheLogits(@TempDir Path folder) throws IOException {
    String path = new RandomGpt2(2, 3, 5, 17, 20, 40).write(folder, new Random(5)).toString();
    try (Gpt2 model = Gpt2.load(path, Backends.open("reference", 1))) {
      Trace before = model.trace(model.tokens(1, 2, 3));
      Trace after = before.with(Edit.zero(Site.mlpOut(0)));
      Effect effect = Effect.of(before, after);
      double[] p = before.predictions().probabilities().doubles();
      double[] q = after.predictions().probabilities().doubles();
      double kl = 0;
      for (int i = 0; i < p.length; i++) {
        kl += p[i] * Math.log(p[i] / q[i]);
      }
      assertThat(effect.kl()).isCloseTo(kl, within(1e-12)).isPositive();
      assertThat(effect.tokens()).hasSize(40);
      double last = Double.POSITIVE_INFINITY;
      for (Effect.Moved token : effect.tokens()) {
        assertThat(Math.abs(token.change())).isLessThanOrEqualTo(last);
        last = Math.abs(token.change());
        assertThat(token.logitAfter()).isEqualTo(after.logits(-1).get(token.id()));
        assertThat(token.probabilityBefore()).isCloseTo(p[token.id()], within(1e-15));
      }
      assertThat(effect.predictedAfter(1).getFirst().id()).isEqualTo(after.predictions().first());
      assertThat(effect.lossAfter().orElseThrow()).isEqualTo(after.loss());
      Trace one = model.trace(model.tokens(4));
      assertThat(Effect.of(one, one).lossBefore()).isEmpty();
    }
  }
}
