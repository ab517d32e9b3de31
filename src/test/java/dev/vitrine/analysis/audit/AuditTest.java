package dev.vitrine.analysis.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.UnderTest;
import dev.vitrine.analysis.FaultyBackend;
import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.View;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.RandomEdits;
import dev.vitrine.trace.RandomGpt2;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The numbers of a sound run add up, and where a run is not sound the audit says where. */
@Tag("golden")
class AuditTest {

  static Stream<Arguments> runs() {
    List<String> backends = UnderTest.backends();
    return GoldenCase.ofKind("forward", "forward_tl")
        .flatMap(golden -> backends.stream().map(backend -> Arguments.of(golden, backend)));
  }

  private static Tokens tokens(GoldenCase golden, Gpt2 model) {
    return model.tokens(golden.tokens("main").getFirst());
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void everyIdentityOfEveryModelHoldsInEveryView(GoldenCase golden, String backend) {
    try (Gpt2 raw = Gpt2.load(golden.model().toString(), Backends.open(backend, 1))) {
      for (View view : List.of(View.RAW, View.FOLDED)) {
        Gpt2 model = raw.view(raw.applicable(view));
        Audit audit = Audit.of(model.trace(tokens(golden, model)));
        assertThat(audit.broken()).isEmpty();
        Set<Hook> silent = audit.unaudited().stream().map(Site::hook).collect(Collectors.toSet());
        assertThat(silent).isSubsetOf(Hook.EMBED, Hook.POS_EMBED, Hook.MLP_POST);
        int sites = Site.all(model.config()).size();
        assertThat(audit.findings())
            .hasSize(sites - audit.unaudited().size() + model.config().layers() + 1);
      }
    }
  }

  /** And what no edit touched holds, whatever was edited beside it. */
  @Test
  void onlyWhereEditsBrokeInIdentitiesDoNotHold(@TempDir Path folder) throws IOException {
    Random random = new Random(5);
    int broken = 0;
    for (int shape = 0; shape < 4; shape++) {
      RandomGpt2 odd = RandomGpt2.ofOddShape(random);
      Path directory = Files.createDirectory(folder.resolve("model" + shape));
      try (Gpt2 model =
          Gpt2.load(odd.write(directory, random).toString(), Backends.open("scalar", 1))) {
        Tokens prompt = model.tokens(random.ints(6, 0, model.config().vocab()).toArray());
        Trace trace = model.trace(prompt);
        for (int i = 0; i < 40; i++) {
          List<Edit> edits = new RandomEdits(trace, random).some();
          Trace edited = trace.with(edits);
          if (Double.isNaN(edited.logits().sum().value())) {
            continue; // a layer norm's scale of 0: then nothing is a number, nor a sum
          }
          Audit audit = Audit.of(edited);
          broken += audit.broken().size();
          List<Finding> unexpected =
              audit.broken().stream().filter(finding -> !audit.isEdited(finding)).toList();
          assertThat(unexpected).as(edits.toString()).isEmpty();
          assertThat(audit.holds()).isTrue();
        }
      }
    }
    assertThat(broken).isGreaterThan(100);
  }

  @Test
  void anElementThatDoesNotAddUpIsFoundAtItsPlace() {
    assertFound(
        Hook.Z,
        "[position 2, head 1, d_head 0]",
        (sound, operation, arguments) ->
            operation.equals("attend")
                ? () -> raise(sound, (Array) arguments[4], 2, dHead(), 1.01)
                : () -> {});
    assertFound(
        Hook.RESID_MID,
        "[position 1, d_model 3]",
        (sound, operation, arguments) ->
            operation.equals("add")
                ? () -> raise(sound, (Array) arguments[2], 1, 3, 1.000001)
                : () -> {});
    assertFound(
        Hook.LN1_SCALE,
        "[position",
        (sound, operation, arguments) -> {
          if (operation.equals("layerNorm")) {
            arguments[3] = 1.1 * (double) arguments[3];
          }
          return () -> {};
        });
  }

  private static void assertFound(Hook hook, String place, FaultyBackend.Fault fault) {
    GoldenCase golden =
        GoldenCase.ofKind("forward").filter(c -> c.name().equals(CASE)).findFirst().orElseThrow();
    Backend faulty = FaultyBackend.of("scalar", fault);
    try (Gpt2 model = Gpt2.load(golden.model().toString(), faulty)) {
      Trace trace = model.trace(tokens(golden, model));
      Audit audit = Audit.of(trace);
      assertThat(audit.holds()).isFalse();
      Edit elsewhere = Edit.set(Target.of("unembed.hook_out[position=-1,vocab=0]"), 7);
      assertThat(Audit.of(trace.with(elsewhere)).holds())
          .isFalse(); // an edit excuses no other site
      assertThat(audit.worst().holds(audit.limit())).isFalse();
      Finding found =
          audit.broken().stream().filter(f -> f.site().hook() == hook).findFirst().orElseThrow();
      assertThat(found.place()).startsWith(place);
    }
  }

  /** Its epsilon is large, so that a wrong one is seen. */
  private static final String CASE = "edge_epsilon_large";

  private static int dHead() {
    GoldenCase golden =
        GoldenCase.ofKind("forward").filter(c -> c.name().equals(CASE)).findFirst().orElseThrow();
    try (Gpt2 model = Gpt2.load(golden.model().toString(), Backends.open("scalar", 1))) {
      return model.config().dHead();
    }
  }

  private static void raise(Backend backend, Array array, int row, int column, double factor) {
    if (array.rows() > row) {
      double[] element = new double[1];
      backend.read(array, row, column, 1, element, 0);
      backend.write(array, row, column, 1, new double[] {element[0] * factor}, 0);
    }
  }
}
