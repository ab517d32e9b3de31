package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.golden.GoldenCase;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What diverge prints. */
class DivergeTest {
  private static final String MODEL = GoldenCase.root().resolve("forward_a/model").toString();

  @Test
  void twoBackendsDifferByNoise() {
    Run run =
        Run.of(
            "diverge",
            "--ids",
            "5,3,8,5",
            "--model",
            MODEL,
            "--json",
            "--backends",
            "scalar,reference");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = run.json();
    assertThat(json.get("left").asText()).isEqualTo("scalar");
    assertThat(json.get("right").asText()).isEqualTo("reference");
    assertThat(json.get("fault").isNull()).isTrue();
    assertThat(json.get("cause").isNull()).isTrue();
    assertThat(json.get("first").get("site").asText()).isEqualTo("blocks.0.hook_resid_pre");
    assertThat(json.get("first").get("ulps").asDouble()).isPositive();
    assertThat(json.get("tokens")).hasSize(4);
    Run same = Run.of("diverge", "--ids", "5,3", "--model", MODEL, "--backends", "scalar,scalar");
    assertThat(same.out()).contains("same bits  all of them");
  }

  @Test
  void aDumpIsComparedAndItsFaultExplained(@TempDir Path folder) {
    Path sound = folder.resolve("sound.npz");
    Path folded = folder.resolve("folded.safetensors");
    Path begun = folder.resolve("begun.safetensors");
    String[] prompt = {"--ids", "5,3,8,5", "--model", MODEL};
    assertThat(run("dump", prompt, "--out", sound.toString()).code()).isZero();
    assertThat(run("dump", prompt, "--out", folded.toString(), "--view", "folded").code()).isZero();
    assertThat(run("dump", prompt, "--out", begun.toString(), "--bos").code()).isZero();
    assertThat(run("diverge", prompt, "--dump", sound.toString()).out())
        .contains("same bits  all of them");
    Run fault = run("diverge", prompt, "--dump", folded.toString(), "--json");
    assertThat(fault.code()).isEqualTo(1);
    assertThat(fault.json().get("faulty_side").asText()).isEqualTo("folded.safetensors");
    assertThat(fault.json().get("cause").asText()).startsWith("the weights are of the view folded");
    Run bos = run("diverge", prompt, "--dump", begun.toString());
    assertThat(bos.code()).as(bos.out()).isZero();
    assertThat(bos.out()).contains("before the prompt", "same bits  all of them");
    for (int width : new int[] {40, 80, 200}) {
      Map<String, String> environment = Map.of("COLUMNS", String.valueOf(width));
      Run screen =
          Run.with(
              environment,
              "",
              "diverge",
              "--ids",
              "5,3,8,5",
              "--model",
              MODEL,
              "--dump",
              folded.toString());
      assertThat(screen.out().lines())
          .allSatisfy(line -> assertThat(Columns.width(line)).isLessThanOrEqualTo(width));
    }
  }

  @Test
  void whatIsTakenOverIsSaidToBeAnotherNumber(@TempDir Path folder) {
    String[] prompt = {"--ids", "5,3,8,5", "--model", MODEL};
    String file = folder.resolve("other.safetensors").toString();
    String[] other = {"--out", file, "--patch", "hook_embed[position=1]", "--from-ids", "5,7,8,5"};
    assertThat(run("dump", prompt, other).code()).isZero();
    Run token = run("diverge", prompt, "--dump", file);
    assertThat(token.code()).isEqualTo(1);
    assertThat(token.out())
        .contains("nothing is rounded here: other.safetensors has other numbers")
        .containsPattern("cause +position 1 has the embedding of token 7, ");
    assertThat(run("dump", prompt, "--out", file, "--zero", "hook_embed").code()).isZero();
    Run zero = run("diverge", prompt, "--dump", file);
    assertThat(zero.out()).contains(" apart\n").doesNotContain("e+", "ulps\nby");
  }

  private static Run run(String verb, String[] prompt, String... more) {
    String[] line = new String[1 + prompt.length + more.length];
    line[0] = verb;
    System.arraycopy(prompt, 0, line, 1, prompt.length);
    System.arraycopy(more, 0, line, 1 + prompt.length, more.length);
    return Run.of(line);
  }

  @Test
  void whatIsWrongWithTheCommandIsSaid(@TempDir Path folder) {
    assertThat(Run.of("diverge", "--ids", "5", "--backends", "simd").code()).isEqualTo(2);
    assertThat(Run.of("diverge", "--ids", "5", "--backends", "simd,refrence").err())
        .contains("did you mean \"reference\"?");
    Run one = Run.of("diverge", "--ids", "5", "--backend", "scalar");
    assertThat(one.code()).isEqualTo(2);
    assertThat(one.err()).contains("--backend goes with --dump; give --backends A,B");
    assertThat(Run.of("diverge", "--ids", "5", "--backends", "a,b", "--dump", "f").code())
        .isEqualTo(2);
    Run missing =
        Run.of(
            "diverge",
            "--ids",
            "5",
            "--model",
            MODEL,
            "--dump",
            folder.resolve("none.npz").toString());
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("none.npz");
  }

  @Test
  void autoIsTheFastestThatIsHere() {
    Run run = Run.of("diverge", "Mary and John", "--backends", "auto,reference", "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.json().get("right").asText()).contains("reference");
    assertThat(run.json().get("left").asText()).isNotEqualTo("auto");
  }
}
