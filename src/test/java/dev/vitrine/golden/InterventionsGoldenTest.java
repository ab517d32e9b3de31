package dev.vitrine.golden;

import static dev.vitrine.golden.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.analysis.experiment.EditsFile;
import dev.vitrine.model.Gpt2;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an edited run computes is what the reference tools compute with the same edits. */
@Tag("golden")
class InterventionsGoldenTest {

  static Stream<Arguments> runs() {
    return ForwardGoldenTest.runs("interventions");
  }

  @ParameterizedTest(name = "{0} on {1}")
  @Tag("every-backend")
  @MethodSource("runs")
  void everyEditedRunIsTheirs(GoldenCase golden, String backend) throws IOException {
    JsonNode statements = golden.expectation().get("tensors");
    Path file = golden.folder().resolve("inputs.json");
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend);
        Checkpoint expected = golden.expected()) {
      for (String run : EditsFile.runs(file)) {
        EditsFile edits = EditsFile.read(file, run);
        Batch plain = model.traces(edits.prompts(model).orElseThrow());
        Batch edited = plain.with(edits.edits(model));
        String prefix = run + "/";
        for (String name : golden.names()) {
          if (name.startsWith(prefix)) {
            assertClose(
                name,
                edited.tensor(name.substring(prefix.length())).doubles(),
                expected.tensor(name).doubles(),
                statements.get(name),
                model.backend().isDouble());
          }
        }
        assertTheRestIsUnchanged(golden, run, plain, edited);
      }
    }
  }

  /** A site that the expectation leaves out equals that of the unedited run, here to the bit. */
  private static void assertTheRestIsUnchanged(
      GoldenCase golden, String run, Batch plain, Batch edited) {
    List<String> given = golden.names();
    List<String> listed = new ArrayList<>();
    for (String name : given) {
      if (name.startsWith("none/")) {
        listed.add(name.substring("none/".length()));
      }
    }
    for (String site : listed) {
      if (!given.contains(run + "/" + site)) {
        for (int i = 0; i < plain.size(); i++) {
          assertThat(edited.get(i).tensor(site).sameBits(plain.get(i).tensor(site)))
              .as(run + "/" + site)
              .isTrue();
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("runs")
  void aRunFromTheStartHasTheSameBits(GoldenCase golden, String backend) throws IOException {
    Path file = golden.folder().resolve("inputs.json");
    try (Gpt2 model = ForwardGoldenTest.load(golden, backend)) {
      for (String run : EditsFile.runs(file)) {
        EditsFile edits = EditsFile.read(file, run);
        Batch derived = model.traces(edits.prompts(model).orElseThrow()).with(edits.edits(model));
        Batch whole =
            Batch.run(model, edits.prompts(model).orElseThrow(), edits.edits(model), List.of());
        for (int i = 0; i < derived.size(); i++) {
          Trace expected = whole.get(i);
          for (Site site : expected.sites()) {
            assertThat(derived.get(i).tensor(site).sameBits(expected.tensor(site)))
                .as(run + " " + site)
                .isTrue();
          }
        }
      }
    }
  }
}
