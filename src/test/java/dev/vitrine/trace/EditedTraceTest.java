package dev.vitrine.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.UnderTest;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Operation;
import dev.vitrine.trace.edit.Receipt;
import dev.vitrine.trace.edit.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Promises 2 to 4: an edit does what it says, costs only what it can reach, and gives the bits of a
 * run from the start that had it.
 */
@Tag("every-backend")
class EditedTraceTest {

  @TempDir Path directory;

  static Stream<Arguments> models() {
    return UnderTest.backends().stream()
        .flatMap(backend -> UnderTest.seeds(4).mapToObj(seed -> Arguments.of(backend, seed)));
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void editsGiveTheBitsOfARunFromTheStart(String backend, int seed) {
    withTrace(
        backend,
        seed,
        (trace, random) -> {
          for (int i = 0; i < 6; i++) {
            List<Edit> edits = new RandomEdits(trace, random).some();
            String before = trace.fingerprint();
            Trace whole = trace.model().trace(trace.tokens(), edits);
            assertSame(edits.toString(), trace.with(edits), whole);
            assertThat(trace.fingerprint()).as("the trace it derives from").isEqualTo(before);
          }
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void editsOnEditsAreAllOfThem(String backend, int seed) {
    withTrace(
        backend,
        seed,
        (trace, random) -> {
          for (int i = 0; i < 6; i++) {
            List<Edit> edits = stayed(new RandomEdits(trace, random).some());
            List<Edit> first = edits.subList(0, edits.size() / 2);
            List<Edit> second = edits.subList(edits.size() / 2, edits.size());
            Trace derived = trace.with(first).with(second);
            assertThat(derived.edits()).isEqualTo(edits);
            assertSame(edits.toString(), derived, trace.model().trace(trace.tokens(), edits));
          }
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void anEditOfTheResidualStreamIsNotAppliedTwiceWhereRowsJoin(String backend, int seed) {
    withTrace(
        backend,
        seed,
        (trace, random) -> {
          for (int layer = 0; layer < trace.model().config().layers(); layer++) {
            List<Edit> edits =
                List.of(
                    Edit.scale(Target.of(Site.residPre(layer)), 1.5),
                    Edit.scale(Site.z(layer).at(Axis.POSITION, trace.size() / 2), 0.5),
                    Edit.scale(Site.residPre(layer).at(Axis.POSITION, -1), 2),
                    Edit.scale(Site.residPost(layer).at(Axis.POSITION, 0), 3));
            Trace derived = trace;
            for (Edit edit : edits) {
              derived = derived.with(edit);
            }
            assertSame("layer " + layer, derived, trace.model().trace(trace.tokens(), edits));
          }
        });
  }

  /** Values that depend on the run are worked out when an edit is first applied, and stay. */
  private static List<Edit> stayed(List<Edit> edits) {
    return edits.stream()
        .filter(edit -> !(edit.operation() instanceof Operation.Mean))
        .filter(edit -> !(edit.operation() instanceof Operation.Compute))
        .toList();
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void manyDerivationsInOneRunAreThoseDerivedAlone(String backend, int seed) {
    withTrace(
        backend,
        seed,
        (trace, random) -> {
          Batch batch = new Batch(List.of(trace));
          List<List<Edit>> edits = new ArrayList<>();
          for (int i = 0; i < 12; i++) {
            edits.add(new RandomEdits(trace, random).some());
          }
          List<Batch> together = Batch.derived(Collections.nCopies(edits.size(), batch), edits);
          for (int i = 0; i < edits.size(); i++) {
            assertSame(edits.get(i).toString(), together.get(i).get(0), trace.with(edits.get(i)));
          }
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void editsStayActiveWhileATraceGrows(String backend, int seed) {
    withTrace(
        backend,
        seed,
        (trace, random) -> {
          Tokens tokens = trace.tokens();
          int layers = trace.model().config().layers();
          int layer = random.nextInt(layers);
          List<Edit> steering =
              List.of(
                  Edit.scale(Target.of(Site.z(layer)), 0.5),
                  Edit.set(Target.of("blocks.*.attn.hook_pattern[head=0,key=0]"), 0.125),
                  Edit.add(
                      Target.of(Site.residPost(layer)),
                      Tensor.of(
                          random.doubles(trace.model().config().dModel()).toArray(),
                          Axis.D_MODEL.of(trace.model().config().dModel()))));
          Trace whole = trace.with(steering);
          Trace grown = trace.rewound(1).with(steering);
          for (int p = 1; p < tokens.size(); p++) {
            grown = grown.extended(tokens.id(p));
          }
          assertSame("token by token", grown, whole);
          if (tokens.size() > 2) {
            Trace fork = whole.rewound(tokens.size() - 1).extended(0);
            Tokens other = tokens.first(tokens.size() - 1).append(0);
            assertSame("a fork", fork, trace.model().trace(other, steering));
          }
          for (int i = 0; i < steering.size(); i++) {
            Receipt all = whole.receipts().get(i);
            Receipt piecewise = grown.receipts().get(i);
            assertThat(piecewise.fired()).isEqualTo(all.fired());
            assertThat(piecewise.changed()).isEqualTo(all.changed());
            assertThat(piecewise.largest()).isEqualTo(all.largest());
          }
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void theWorkIsWhatWasRunAndNoMore(String backend, int seed) {
    Random random = new Random(seed);
    RandomGpt2 shape = RandomGpt2.ofOddShape(random);
    try (Backend open = Backends.open(backend, 1)) {
      CountingBackend counting = new CountingBackend(open);
      Gpt2 model = Gpt2.load(shape.write(directory, random).toString(), counting.backend());
      Trace trace = model.trace(shape.prompts(1, random).getFirst());
      long full = (long) trace.size() * shape.layers();
      assertThat(trace.work().run()).isEqualTo(full).isEqualTo(counting.rows());
      for (int i = 0; i < 10; i++) {
        List<Edit> edits = new RandomEdits(trace, random).some();
        long before = counting.rows();
        Trace derived = trace.with(edits);
        long rows = counting.rows() - before;
        assertThat(derived.work().run()).as(edits.toString()).isEqualTo(rows);
        assertThat(derived.work().saved()).isEqualTo(full - rows);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void receiptsSayWhatChanged(String backend, int seed) {
    withTrace(
        backend,
        seed,
        (trace, random) -> {
          int layer = random.nextInt(trace.model().config().layers());
          Site site = Site.z(layer);
          int head = random.nextInt(trace.model().config().heads());
          Trace edited = trace.with(Edit.zero(site.at(Axis.HEAD, head)));
          Tensor before = trace.tensor(site).at(Axis.HEAD, head);
          assertThat(edited.tensor(site).at(Axis.HEAD, head).abs().max().value()).isZero();
          Receipt receipt = edited.receipts().getFirst();
          assertThat(receipt.fired()).isEqualTo(trace.size());
          assertThat(receipt.elements()).isEqualTo(before.elements());
          long nonzero = Arrays.stream(before.doubles()).filter(x -> x != 0).count();
          assertThat(receipt.changed()).isEqualTo(nonzero);
          assertThat(receipt.largest()).isEqualTo(before.abs().max().value());
          double norm = before.norm().value();
          assertThat(receipt.norm()).isCloseTo(norm, within(1e-5 * norm));
          assertThat(receipt.readers()).contains(Site.result(layer));
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void whatIsReadDuringAnEditedRunIsWhatIsComputedLater(String backend, int seed) {
    withTrace(
        backend,
        seed,
        (trace, random) -> {
          List<Edit> edits = new RandomEdits(trace, random).some();
          List<Site> sites = trace.sites();
          Trace eager = Batch.run(trace.model(), List.of(trace.tokens()), edits, sites).get(0);
          assertSame(edits.toString(), trace.with(edits), eager);
        });
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void theFloatBackendsAgreeOnEdits(String backend, int seed) {
    withTrace(
        backend,
        seed,
        (trace, random) -> {
          if (trace.model().backend().isDouble()) {
            return;
          }
          long draw = random.nextLong();
          Trace edited = trace.with(new RandomEdits(trace, new Random(draw)).some());
          try (Gpt2 plain = Gpt2.load(directory.toString(), Backends.open("scalar", 2))) {
            Trace base = plain.trace(trace.tokens());
            Trace other = base.with(new RandomEdits(base, new Random(draw)).some());
            assertSame(edited.edits().toString(), edited, other);
          }
        });
  }

  private static void assertSame(String what, Trace actual, Trace expected) {
    for (Site site : expected.sites()) {
      assertThat(actual.tensor(site).sameBits(expected.tensor(site)))
          .as(what + ": " + site)
          .isTrue();
    }
  }

  private void withTrace(String backend, int seed, BiConsumer<Trace, Random> use) {
    Random random = new Random(seed);
    RandomGpt2 shape = RandomGpt2.ofOddShape(random);
    try (Backend open = Backends.open(backend, 1);
        Gpt2 model = Gpt2.load(shape.write(directory, random).toString(), open)) {
      use.accept(model.trace(shape.prompts(1, random).getFirst()), random);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
