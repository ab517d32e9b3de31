package dev.vitrine.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.UnderTest;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.edit.Edit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who asks for less than traces is given the bits that the traces would have. */
class VariantsTest {

  @TempDir Path directory;

  static Stream<Arguments> models() {
    return UnderTest.backends().stream()
        .flatMap(backend -> IntStream.range(0, 4).mapToObj(seed -> Arguments.of(backend, seed)));
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void theLastLogitsAreThoseOfTheTraces(String backend, int seed) throws IOException {
    try (Gpt2 model = model(backend, seed)) {
      Random random = new Random(seed);
      Trace trace = model.trace(prompt(model, random));
      List<List<Edit>> edits = new ArrayList<>(List.of(List.of()));
      for (int i = 0; i < 14; i++) {
        edits.add(new RandomEdits(trace, random).some());
      }
      Variants together = new Variants(new Batch(List.of(trace)), edits);
      List<Tensor> logits = together.lastLogits();
      for (int i = 0; i < edits.size(); i++) {
        Tensor alone = new Variants(together.base(), List.of(edits.get(i))).lastLogits().getFirst();
        Tensor expected = trace.with(edits.get(i)).logits(-1);
        Tensor few = together.lastLogits(3, 0, 3).get(i).at(Axis.BATCH, 0);
        assertThat(few.floats()).isEqualTo(expected.at(Axis.VOCAB, 3, 0, 3).floats());
        assertThat(logits.get(i).at(Axis.BATCH, 0).sameBits(expected)).as(edits + "").isTrue();
        assertThat(alone.at(Axis.BATCH, 0).sameBits(expected)).as(edits + "").isTrue();
      }
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("models")
  void whatIsReadOnTheWayIsWhatTheTracesHave(String backend, int seed) throws IOException {
    try (Gpt2 model = model(backend, seed)) {
      Random random = new Random(seed);
      Tokens prompt = prompt(model, random);
      Batch base = model.traces(List.of(prompt, prompt));
      int layer = random.nextInt(model.config().layers());
      List<Site> sites = List.of(Site.residPre(layer), Site.q(layer), Site.z(layer));
      List<List<Edit>> edits = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        edits.add(new RandomEdits(base.get(0), random).some());
      }
      List<Map<Site, Tensor>> read = new Variants(base, edits).read(layer, sites);
      for (int i = 0; i < edits.size(); i++) {
        Batch whole = base.with(edits.get(i));
        for (Site site : sites) {
          assertThat(whole.tensor(site).sameBits(Objects.requireNonNull(read.get(i).get(site))))
              .as(site + " with " + edits.get(i))
              .isTrue();
        }
      }
    }
  }

  @Test
  void attentionIsNotReadOnTheWay() throws IOException {
    try (Gpt2 model = model("reference", 1)) {
      Batch base = model.traces(List.of(prompt(model, new Random(1))));
      assertThatThrownBy(
              () -> new Variants(base, List.of(List.of())).read(0, List.of(Site.pattern(0))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("hook_pattern");
    }
  }

  @Test
  void anInterruptEndsTheRun() throws IOException {
    try (Gpt2 model = model("reference", 1)) {
      Batch base = model.traces(List.of(prompt(model, new Random(1))));
      Edit edit = Edit.zero(Site.z(0));
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> new Variants(base, List.of(List.of(edit))).lastLogits())
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private Gpt2 model(String backend, int seed) throws IOException {
    Random random = new Random(100 + seed);
    RandomGpt2 shape = RandomGpt2.ofOddShape(random);
    return Gpt2.load(shape.write(directory, random).toString(), Backends.open(backend, 2));
  }

  private static Tokens prompt(Gpt2 model, Random random) {
    int size = 2 + random.nextInt(6);
    return model.tokens(random.ints(size, 0, model.config().vocab()).toArray());
  }
}
