package dev.vitrine.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.UnderTest;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.weights.Gpt2Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Promise 2: looking changes nothing, to the bit. Whatever way leads to a tensor, its floats are
 * the same.
 */
@Tag("every-backend")
class SameBitsTest {

  @TempDir Path directory;

  /** Random models of odd shapes, on every backend that can run here. */
  static Stream<Arguments> models() {
    return UnderTest.backends().stream()
        .flatMap(backend -> UnderTest.seeds(3).mapToObj(seed -> Arguments.of(backend, seed + 1L)));
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void whatIsReadDuringTheRunIsWhatIsComputedWhenAskedForLater(String backend, long seed) {
    withModel(
        backend,
        seed,
        1,
        setting -> {
          List<Site> sites = Site.all(setting.model.config());
          List<Trace> eager = setting.model.traces(setting.prompts, sites).traces();
          List<Trace> lazy = setting.model.traces(setting.prompts).traces();
          for (int i = 0; i < lazy.size(); i++) {
            assertSame("prompt " + i, lazy.get(i), eager.get(i));
          }
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void aPromptInABatchIsThePromptAlone(String backend, long seed) {
    withModel(
        backend,
        seed,
        1,
        setting -> {
          List<Trace> together = setting.model.traces(setting.prompts).traces();
          for (int i = 0; i < together.size(); i++) {
            Trace alone = setting.model.trace(setting.prompts.get(i));
            assertSame("prompt " + i, together.get(i), alone);
          }
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void aPromptReadTokenByTokenIsThePromptReadAtOnce(String backend, long seed) {
    withModel(
        backend,
        seed,
        1,
        setting -> {
          for (Tokens prompt : setting.prompts) {
            Trace grown = setting.model.trace(prompt.first(1));
            for (int p = 1; p < prompt.size(); p++) {
              grown = grown.extended(prompt.id(p));
            }
            assertSame("token by token", grown, setting.model.trace(prompt));
          }
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void forksOfARewoundTraceDoNotDisturbEachOther(String backend, long seed) {
    withModel(
        backend,
        seed,
        2,
        setting -> {
          Tokens prompt = Collections.max(setting.prompts, (a, b) -> a.size() - b.size());
          Trace whole = setting.model.trace(prompt);
          int half = (prompt.size() + 1) / 2;
          Trace one = whole.rewound(half).extended(0).extended(1);
          Trace two = whole.rewound(half).extended(2).extended(3);
          Trace three = one.rewound(half + 1).extended(4);
          assertSame("the parent", whole, setting.model.trace(prompt));
          Tokens head = prompt.first(half);
          assertSame("one", one, setting.model.trace(head.append(0, 1)));
          assertSame("two", two, setting.model.trace(head.append(2, 3)));
          assertSame("three", three, setting.model.trace(head.append(0, 4)));
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void twoThreadsComputeWhatOneDoes(String backend, long seed) {
    withModel(
        backend,
        seed,
        1,
        one ->
            withModel(
                backend,
                seed,
                2,
                two -> {
                  for (Tokens prompt : one.prompts) {
                    assertSame("threads", one.model.trace(prompt), two.model.trace(prompt));
                  }
                }));
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void attentionsOutputIsTheSumOfItsHeadsResultsAndTheBias(String backend, long seed) {
    withModel(
        backend,
        seed,
        1,
        setting -> {
          Trace trace = setting.model.trace(setting.prompts.getFirst());
          for (int layer = 0; layer < setting.model.config().layers(); layer++) {
            Tensor result = trace.tensor(Site.result(layer));
            Tensor sum = result.at(Axis.HEAD, 0);
            for (int head = 1; head < setting.model.config().heads(); head++) {
              sum = sum.plus(result.at(Axis.HEAD, head));
            }
            Tensor bias = outputBias(layer, setting.model.config().dModel());
            Tensor out = trace.tensor(Site.attnOut(layer));
            assertThat(sum.plus(bias).firstDifference(out)).isEmpty();
            Tensor mid = trace.tensor(Site.residPre(layer)).plus(out);
            assertThat(mid.firstDifference(trace.tensor(Site.residMid(layer)))).isEmpty();
          }
        });
  }

  @ParameterizedTest(name = "seed {1}")
  @MethodSource("models")
  void theFloatBackendsAgree(String backend, long seed) {
    withModel(
        "scalar",
        seed,
        1,
        plain ->
            withModel(
                backend,
                seed,
                2,
                other -> {
                  if (!other.model.backend().isDouble()) {
                    for (Tokens prompt : plain.prompts) {
                      assertSame(backend, other.model.trace(prompt), plain.model.trace(prompt));
                    }
                  }
                }));
  }

  private Tensor outputBias(int layer, int dModel) {
    try (Gpt2Weights weights = Gpt2Weights.open(directory)) {
      double[] bias = weights.attentionOutputBias(layer);
      float[] floats = new float[dModel];
      for (int i = 0; i < dModel; i++) {
        floats[i] = (float) bias[i];
      }
      return Tensor.of(floats, Axis.D_MODEL.of(dModel));
    }
  }

  private record Setting(Gpt2 model, List<Tokens> prompts) {}

  private void withModel(String backend, long seed, int threads, Consumer<Setting> use) {
    Random random = new Random(seed);
    RandomGpt2 shape = RandomGpt2.ofOddShape(random);
    try (Backend open = Backends.open(backend, threads);
        Gpt2 model = Gpt2.load(shape.write(directory, random).toString(), open)) {
      use.accept(new Setting(model, shape.prompts(4, random)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertSame(String what, Trace actual, Trace expected) {
    assertThat(actual.tokens()).isEqualTo(expected.tokens());
    for (Site site : expected.sites()) {
      assertThat(actual.tensor(site).firstDifference(expected.tensor(site)))
          .as("%s: %s", what, site)
          .isEmpty();
    }
    assertThat(actual.fingerprint()).as(what).isEqualTo(expected.fingerprint());
  }
}
