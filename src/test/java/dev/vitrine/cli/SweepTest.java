package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.golden.GoldenCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What sweep prints and writes, and what it refuses. */
class SweepTest {
  private static final String CLEAN = "When Mary and John went to the store, John gave a drink to";
  private static final String CORRUPTED =
      "When Mary and John went to the store, Mary gave a drink to";
  private static final String BARE = GoldenCase.root().resolve("forward_a/model").toString();

  @TempDir Path directory;

  private static Run sweep(String kind, String... more) {
    List<String> arguments = new ArrayList<>(List.of("sweep", kind, CORRUPTED, "--from", CLEAN));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  @Test
  void theMapShowsWhereTheNameIs() throws IOException {
    Path csv = directory.resolve("out.csv");
    Path svg = directory.resolve("out.svg");
    Run run = sweep("resid_pre", "--csv", csv.toString(), "--svg", svg.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("·Mary", "logit difference", "Strongest", "position 9");
    assertThat(Files.readString(csv)).startsWith("layer,position,position_label,value\n0,0,When,");
    assertThat(Files.readAllLines(csv)).hasSize(1 + 4 * 14);
    assertThat(Files.readString(svg)).startsWith("<svg").contains("gave");
  }

  @Test
  void jsonHasEveryNumber() {
    JsonNode json = sweep("resid_pre", "--json").json();
    assertThat(json.get("kind").asText()).isEqualTo("resid_pre");
    assertThat(json.get("axes").get(1).get("labels").get(9).asText()).isEqualTo(" Mary");
    assertThat(json.get("values").get(0).get(9).asDouble()).isCloseTo(1, within(1e-9));
    assertThat(json.get("values").get(0).get(3).asDouble()).isZero();
    assertThat(json.get("answers").get(0).asText()).isEqualTo(" Mary");
    for (String field : new String[] {"version", "model", "model_hash", "backend", "view"}) {
      assertThat(json.hasNonNull(field)).as(field).isTrue();
    }
  }

  @Test
  void idsWillDoForAModelWithoutATokenizerAndBatchesToo() {
    Run run =
        Run.of(
            "sweep",
            "heads",
            "--model",
            BARE,
            "--ids",
            "5,3,8",
            "--ids",
            "1,2,3",
            "--from-ids",
            "5,4,8",
            "--from-ids",
            "1,7,3",
            "--answer-ids",
            "4,5",
            "--wrong-ids",
            "6",
            "--raw",
            "--json");
    assertThat(run.err()).isEmpty();
    assertThat(run.json().get("values").get(0)).isNotEmpty();
    assertThat(run.json().get("prompts")).hasSize(2);
  }

  @Test
  void pathsAndEdgesHaveTheirOwnQuestions() {
    JsonNode path = sweep("path", "--to", "L2H1.v", "--raw", "--json").json();
    assertThat(path.get("values")).hasSize(2);
    JsonNode edges =
        Run.of(
                "sweep",
                "edges",
                "--model",
                BARE,
                "--ids",
                "5,3",
                "--from-ids",
                "5,4",
                "--answer-ids",
                "4",
                "--wrong-ids",
                "6",
                "--raw",
                "--json")
            .json();
    assertThat(edges.get("edges").get(0).get("from").asText()).isEqualTo("embed");
    assertThat(edges.get("edges").size()).isGreaterThan(30);
  }

  @Test
  void noLineIsWiderThanTheTerminal() {
    for (int width : new int[] {40, 60, 80}) {
      Map<String, String> terminal = Map.of("COLUMNS", String.valueOf(width));
      for (String kind : List.of("heads", "resid_pre")) {
        String other = CLEAN.replace("John gave", "Mary gave");
        Run run = Run.with(terminal, "", "sweep", kind, CLEAN, "--from", other);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().lines())
            .allSatisfy(line -> assertThat(Columns.width(line)).isLessThanOrEqualTo(width));
        assertThat(run.out()).contains("·gave ·a"); // the prompts are there to their ends
      }
    }
  }

  @Test
  void everyMetricIsMeasured() {
    for (String metric : List.of("logit", "probability", "log-probability", "kl", "loss")) {
      Run run = sweep("heads", "--metric", metric, "--json");
      assertThat(run.code()).as(metric + run.err()).isZero();
    }
  }

  @Test
  void mistakesAreSaidInOneLine() {
    refused(2, sweep("reside_pre"), "did you mean resid_pre");
    refused(2, Run.of("sweep"), "say what to patch");
    refused(2, Run.of("sweep", "heads", CLEAN), "--from");
    refused(2, Run.of("sweep", "heads", "--from", CLEAN), "no prompt");
    refused(2, sweep("heads", "--metric", "probabilty"), "did you mean \"probability\"");
    refused(2, sweep("heads", "--to", "final"), "sweep path");
    refused(2, sweep("path", "--to", "H3"), "L3H1.q");
    refused(2, sweep("heads", "--top", "0"), "--top");
    refused(2, sweep("heads", "--answer", " Mary", "--answer-ids", "3"), "not both");
    refused(1, sweep("heads", "--answer", " Mary and"), "2 tokens");
    refused(1, sweep("heads", "--answer", " Mary", "--wrong", " Mary"), "--wrong");
    refused(1, sweep("heads", "--answer-ids", "1,2,3"), "3 answers for 1 prompts");
    refused(1, sweep("path", "--to", "L0H1.q"), "no head comes before");
    refused(1, sweep("path", "--to", "L9H1.q"), "4 layers");
    refused(1, Run.of("sweep", "heads", "A drink", "--from", CLEAN), "2 in A| drink, 14 in When");
    refused(1, Run.of("sweep", "heads", CLEAN, "--from", CLEAN), "both");
  }

  private static void refused(int code, Run run, String message) {
    assertThat(run.code()).as(run.err()).isEqualTo(code);
    assertThat(run.err()).contains(message);
    assertThat(run.err().strip().lines()).hasSize(1);
    assertThat(run.out()).isEmpty();
  }
}
