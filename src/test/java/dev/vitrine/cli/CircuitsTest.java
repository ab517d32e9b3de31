package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.golden.GoldenCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs heads and circuits show what the model has, on any terminal, to any file. */
class CircuitsTest {

  @Test
  void headsAreFoundInAnEditedRun() {
    String edit = "blocks.0.attn.hook_z";
    JsonNode plain = Run.of("heads", "--kind", "induction_head", "--json").json();
    JsonNode edited = Run.of("heads", "--kind", "induction_head", "--zero", edit, "--json").json();
    assertThat(plain.get("edits")).isEmpty();
    assertThat(edited.get("edits").get(0).get("edit").asText()).isEqualTo(edit + " = 0");
    assertThat(edited.get("seed").asInt()).isZero();
    assertThat(best(edited)).isLessThan(best(plain)); // induction heads need an earlier layer
    Run screen = Run.of("heads", "a b a b", "--zero", edit);
    assertThat(screen.out()).contains("Edits  what was changed", edit + " = 0");
    assertThat(Run.of("heads", "--run", "x").code()).isEqualTo(2);
  }

  private static double best(JsonNode heads) {
    double best = 0;
    for (JsonNode score : heads.get("detectors").get(0).get("scores")) {
      best = Math.max(best, score.get("score").asDouble());
    }
    return best;
  }

  @Test
  void headsAreFoundOnRandomTokensThatRepeat(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("heads.csv");
    Path svg = folder.resolve("heads.svg");
    Run run = Run.of("heads", "--csv", csv.toString(), "--svg", svg.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("induction_head  share of its attention").contains("best: L1H1");
    assertThat(Files.readAllLines(csv)).hasSize(1 + 3 * 32).contains("kind,layer,head,score");
    assertThat(Files.readString(svg)).startsWith("<svg").contains("induction");
  }

  @Test
  void headsOfAPromptAsJson() {
    Run run = Run.of("heads", "Mary and John and Mary and", "--json", "--kind", "induction");
    JsonNode json = run.json();
    assertThat(json.at("/detectors/0/scores")).hasSize(32);
    assertThat(json.at("/prompts/0")).hasSize(6);
    assertThat(json.get("view").asText()).isEqualTo("raw");
    double best = 0;
    for (JsonNode score : json.at("/detectors/0/scores")) {
      best = Math.max(best, score.get("score").asDouble());
    }
    assertThat(best).isBetween(0.1, 1.0);
  }

  @Test
  void aPatternOfOnesOwn(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("pattern.txt");
    Files.writeString(file, "1\n1, 0\n1 0 0\n");
    Run run = Run.of("heads", "Mary and John", "--pattern", file.toString(), "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.json().at("/detectors/0/name").asText()).isEqualTo(file.toString());
    Run wrong = Run.of("heads", "Mary and", "--pattern", file.toString());
    assertThat(wrong.code()).isOne();
    assertThat(wrong.err()).contains("one row and one column for each").hasLineCount(1);
    assertThat(Run.of("heads", "--pattern", file.toString()).code()).isEqualTo(2);
    assertThat(Run.of("heads", "--kind", "name_mover").code()).isEqualTo(2);
  }

  @Test
  void aReportOfTheBuiltInModelFitsAnyTerminal(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("c.csv");
    Path svg = folder.resolve("c.svg");
    Run run =
        Run.with(
            Map.of("COLUMNS", "60", "LANG", "C"),
            "",
            "circuits",
            "--csv",
            csv.toString(),
            "--svg",
            svg.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("K-composition").contains("greater-than");
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 60);
    assertThat(run.out().chars()).allMatch(c -> c < 128);
    assertThat(Files.readAllLines(csv)).hasSize(1 + 3 * 6 * 64);
    assertThat(Files.readString(svg)).contains("K-composition");
  }

  @Test
  void headsAndNeuronsSayWhatTheyReadAndWriteInWords() {
    String[] command = {"circuits", "--head", "L1H2", "--neuron", "3.847", "--neuron", "L0N1"};
    Run run = Run.with(Map.of("COLUMNS", "60", "LANG", "C"), "", command);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("L1H2 writes", "L3N847 reads", "L3N847 writes", "L0N1 writes")
        .doesNotContain("K-composition");
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 60);
    assertThat(run.out().chars()).allMatch(c -> c < 128);
    String[] asJson = Arrays.copyOf(command, command.length + 1);
    asJson[command.length] = "--json";
    JsonNode json = Run.of(asJson).json();
    assertThat(json.get("heads").get(0).get("vectors")).hasSize(4);
    JsonNode neuron = json.get("neurons").get(0);
    // The neuron of the last MLP that stands for places.
    assertThat(neuron.at("/writes/most/0/token").asText()).isEqualTo(" attic");
    assertThat(neuron.at("/writes/most/0/value").asDouble()).isCloseTo(0.653, within(1e-3));
    assertThat(neuron.at("/reads/most/0/value").asDouble())
        .isGreaterThan(neuron.at("/reads/least/0/value").asDouble());
    assertThat(json.get("neurons").get(1).get("neuron").asInt()).isOne();
  }

  @Test
  void whatIsNoHeadOrNeuronIsRefused() {
    assertThat(Run.of("circuits", "--head", "L9H0").code()).isOne();
    assertThat(Run.of("circuits", "--head", "best").code()).isEqualTo(2);
    assertThat(Run.of("circuits", "--neuron", "3.1024").err()).contains("neurons 0 to 1023");
    assertThat(Run.of("circuits", "--neuron", "3").err()).contains("L3N217 or 3.217");
    assertThat(Run.of("circuits", "--neuron", "3.2", "--csv", "a.csv").code()).isEqualTo(2);
  }

  @Test
  @Tag("golden")
  void modelsOfEveryArchitectureAreReported() {
    GoldenCase.ofKind("forward", "forward_tl")
        .forEach(golden -> {
          Run run = Run.of("circuits", "--model", golden.model().toString(), "--json");
          assertThat(run.code()).as(golden + ": " + run.err()).isZero();
          assertThat(run.json().get("copying").isArray()).isTrue();
          assertThat(Run.of("circuits", "--model", golden.model().toString()).code()).isZero();
        });
  }

  @Test
  void aHeadWithoutAScoreIsRankedNowhere() {
    String[] command = {"heads", "John saw Mary. John saw", "--kind", "previous_token"};
    String edit = "blocks.3.attn.hook_pattern[head=2]=nan";
    Run run =
        Run.of(
            Stream.of(command, new String[] {"--set", edit})
                .flatMap(Stream::of)
                .toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    String best =
        run.out().lines().filter(line -> line.contains("best:")).findFirst().orElseThrow();
    assertThat(best).doesNotContain("NaN");
    assertThat(run.out()).contains("  NaN: 1 of 32 heads, ranked nowhere");
    assertThat(Run.of(command).out()).contains(best).doesNotContain("NaN");
  }
}
