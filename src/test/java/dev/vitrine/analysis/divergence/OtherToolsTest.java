package dev.vitrine.analysis.divergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.analysis.FaultyBackend;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of tensors that other tools wrote: what explains how they differ, and what is refused. */
class OtherToolsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  static Path folder;

  @BeforeAll
  static void model() throws IOException {
    DivergenceTest.write(folder);
  }

  private static Path dump(
      Trace trace, Function<Site, Tensor> tensors, Path file, List<Site> sites) {
    try (SafetensorsWriter writer = SafetensorsWriter.create(file)) {
      for (Site site : sites) {
        int[] shape = tensors.apply(site).shape();
        long[] batched = new long[shape.length + 1];
        batched[0] = 1;
        for (int i = 0; i < shape.length; i++) {
          batched[i + 1] = shape[i];
        }
        writer.declare(site.name(), Dtype.F32, batched);
      }
      sites.forEach(site -> writer.write(site.name(), tensors.apply(site).floats()));
      writer.finish();
    }
    assertThat(trace.size()).isPositive();
    return file;
  }

  private static Divergence withDump(Gpt2 exact, Gpt2 own, Path file) {
    try (Dump dump = Dump.open(file, own, 0)) {
      Tokens tokens = dump.read(DivergenceTest.tokens(own));
      Side side = Side.of(own.trace(tokens));
      return DivergenceTest.compare(side, dump, tokens, exact, side);
    }
  }

  @Test
  void aDumpWithOtherMasksIsExplained(@TempDir Path out) {
    try (Gpt2 exact = DivergenceTest.load(folder, "reference");
        Gpt2 own = DivergenceTest.load(folder, "scalar")) {
      Trace trace = own.trace(DivergenceTest.tokens(own));
      Function<Site, Tensor> masked =
          site -> trace.tensor(site).map(x -> x == Double.NEGATIVE_INFINITY ? -Float.MAX_VALUE : x);
      Path file = dump(trace, masked, out.resolve("a.safetensors"), trace.sites());
      DivergenceTest.assertFound(
          withDump(exact, own, file),
          Site.attnScores(0),
          "masked scores are -3.4028235E38 instead of -inf");
    }
  }

  @Test
  void aDumpOfProcessedWeightsIsExplained(@TempDir Path out) {
    try (Gpt2 exact = DivergenceTest.load(folder, "reference");
        Gpt2 own = DivergenceTest.load(folder, "scalar")) {
      for (View view :
          List.of(View.FOLDED, View.of(View.Step.FOLD_LN), View.of(View.Step.CENTER_UNEMBED))) {
        Trace trace = own.view(view).trace(DivergenceTest.tokens(own));
        for (boolean all : new boolean[] {true, false}) {
          List<Site> sites =
              all ? trace.sites() : List.of(Site.residPost(0), Site.residPost(2), Site.logits());
          Path file = dump(trace, trace::tensor, out.resolve("b.safetensors"), sites);
          Divergence divergence = withDump(exact, own, file);
          // Folded layer norms change no stream and no logit, only what lies between.
          boolean shows = all || !view.equals(View.of(View.Step.FOLD_LN));
          assertThat(divergence.fault().isPresent()).as("%s %s", view, all).isEqualTo(shows);
          if (divergence.fault().isPresent()) {
            assertThat(divergence.cause().orElseThrow().statement())
                .startsWith("the weights are of the view " + view);
          }
        }
      }
    }
  }

  @Test
  void aDumpOfHalfTheSitesIsJudgedByWhatItHas(@TempDir Path out) {
    try (Gpt2 exact = DivergenceTest.load(folder, "reference");
        Gpt2 own = DivergenceTest.load(folder, "scalar");
        Gpt2 faulty =
            Gpt2.load(
                folder.toString(),
                FaultyBackend.of(
                    "scalar",
                    DivergenceTest.inWeight(
                        DivergenceTest.D,
                        DivergenceTest.NEURONS,
                        1,
                        row -> DivergenceTest.plus(row, 7, 1f),
                        5)))) {
      Trace trace = faulty.trace(DivergenceTest.tokens(faulty));
      List<Site> streams =
          List.of(Site.residPre(0), Site.residPost(0), Site.residPost(1), Site.residPost(2));
      Path file = dump(trace, trace::tensor, out.resolve("c.safetensors"), streams);
      Divergence divergence = withDump(exact, own, file);
      assertThat(divergence.parts()).hasSize(4);
      assertThat(divergence.fault().orElseThrow().site()).isEqualTo(Site.residPost(1));
      assertThat(divergence.parts().stream().filter(Part::faulty)).hasSize(1);
      assertThat(divergence.faultySide()).contains("c.safetensors");
    }
  }

  @Test
  void aDumpOfAnotherPromptOrModelIsRefused(@TempDir Path out) {
    try (Gpt2 own = DivergenceTest.load(folder, "scalar")) {
      Trace trace = own.trace(own.tokens(1, 2, 3));
      Path file =
          dump(trace, trace::tensor, out.resolve("d.safetensors"), List.of(Site.residPre(0)));
      try (Dump dump = Dump.open(file, own, 0)) {
        assertThatThrownBy(() -> dump.read(DivergenceTest.tokens(own)))
            .isInstanceOf(WeightsException.class)
            .hasMessageContaining("3 positions and the prompt 11 tokens");
      }
      Path weights = folder.resolve("model.safetensors");
      assertThatThrownBy(() -> Dump.open(weights, own, 0))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("no tensor by the name of a site");
      assertThatThrownBy(
              () -> {
                try (Dump dump = Dump.open(file, own, 4)) {
                  dump.read(own.tokens(1, 2, 3));
                  dump.tensor(Site.residPre(0));
                }
              })
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("no prompt 4");
    }
  }
}
