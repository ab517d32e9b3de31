package dev.vitrine.analysis.derivation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.UnderTest;
import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.RandomGpt2;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every element of every site can be computed again by hand, to the same bits. */
@Tag("golden")
class DerivationTest {
  private static final int ELEMENTS = 5;

  static Stream<GoldenCase> cases() {
    return GoldenCase.ofKind("forward", "forward_tl");
  }

  @ParameterizedTest(name = "{0}")
  @Tag("every-backend")
  @MethodSource("cases")
  void elementsOfEverySiteOfEveryArchitecture(GoldenCase golden) {
    for (String backend : UnderTest.backends()) {
      try (Gpt2 raw = Gpt2.load(golden.model().toString(), Backends.open(backend, 1))) {
        // on the software driver the first alone: views differ in weights, not in kernels
        for (int i : UnderTest.seeds(2).toArray()) {
          View view = List.of(View.RAW, View.FOLDED).get(i);
          Gpt2 model = raw.view(raw.applicable(view));
          int[] ids = golden.tokens("main").getFirst();
          assertDerived(model.trace(model.tokens(ids)), new Random(1));
        }
      }
    }
  }

  @Test
  void elementsOfRandomModelsOfOddShape(@TempDir Path folder) throws IOException {
    Random random = new Random(20);
    for (int round = 0; round < 8; round++) {
      // The last is wider than a block of 128 in every sum there is.
      RandomGpt2 shape =
          round < 7 ? RandomGpt2.ofOddShape(random) : new RandomGpt2(2, 3, 53, 301, 140, 31);
      Path directory = folder.resolve("model" + round);
      assertThat(directory.toFile().mkdir()).isTrue();
      shape.write(directory, random);
      for (String backend : UnderTest.backends()) {
        try (Gpt2 model = Gpt2.load(directory.toString(), Backends.open(backend, 1))) {
          int[] ids = random.ints(shape.context() - 1, 0, shape.vocab()).toArray();
          assertDerived(model.trace(model.tokens(ids)), random);
        }
      }
    }
  }

  private static void assertDerived(Trace trace, Random random) {
    Set<Hook> seen = EnumSet.noneOf(Hook.class);
    for (Site site : trace.sites()) {
      Tensor tensor = trace.tensor(site);
      for (int i = 0; i < ELEMENTS && tensor.elements() > 0; i++) {
        int[] shape = tensor.shape();
        int[] indices = new int[shape.length];
        for (int axis = 0; axis < shape.length; axis++) {
          indices[axis] = i == 0 ? -1 : random.nextInt(shape[axis]);
        }
        Derivation derivation = Derivation.of(trace, site, indices);
        assertThat(derivation.sameBits()).as("%s%n%s", trace.model(), derivation).isTrue();
        assertThat(derivation.stored()).isEqualTo(tensor.get(indices));
        assertThat(derivation.lines()).isNotEmpty();
        seen.add(site.hook());
      }
    }
    assertThat(seen).hasSizeGreaterThan(10);
  }

  @Test
  void aSumIsOpenToTheLastTerm() {
    GoldenCase golden = cases().filter(c -> c.name().equals("forward_a")).findFirst().orElseThrow();
    try (Gpt2 model = Gpt2.load(golden.model().toString(), Backends.open("scalar", 1))) {
      Trace trace = model.trace(model.tokens(golden.tokens("main").getFirst()));
      Derivation derivation = Derivation.of(trace, Site.mlpOut(0), 2, 3);
      Line.Sum sum = (Line.Sum) derivation.lines().getFirst();
      assertThat(sum.terms()).hasSize(model.config().dMlp());
      float by = 0;
      float total = 0;
      for (int i = 0; i < sum.terms().size(); i++) {
        Term term = sum.terms().get(i);
        assertThat(term.a()).isEqualTo(trace.tensor(Site.mlpPost(0)).get(2, i));
        by = Math.fma((float) term.a(), (float) term.b(), i % 128 == 0 ? 0 : by);
        assertThat(term.partial()).isEqualTo(by);
        boolean last = i % 128 == 127 || i == sum.terms().size() - 1;
        total += last ? by : 0;
      }
      assertThat(sum.value()).isEqualTo(total);
      assertThat(derivation.toString())
          .contains("blocks.0.hook_mlp_out[position=2,d_model=3]", "+ b_out", "the same bits");
    }
  }

  @Test
  void whereAnEditLiesBetweenItSaysSo() {
    GoldenCase golden = cases().filter(c -> c.name().equals("forward_a")).findFirst().orElseThrow();
    try (Gpt2 model = Gpt2.load(golden.model().toString(), Backends.open("scalar", 1))) {
      Trace trace = model.trace(model.tokens(golden.tokens("main").getFirst()));
      Trace edited = trace.with(Edit.zero(Target.of(Site.z(0))));
      Derivation derivation = Derivation.of(edited, Site.z(0), 3, 0, 1);
      assertThat(derivation.sameBits()).isFalse();
      assertThat(derivation.toString()).contains("an edit lies between");
      assertThat(Derivation.of(edited, Site.attnOut(0), 3, 1).sameBits()).isTrue();
    }
  }
}
