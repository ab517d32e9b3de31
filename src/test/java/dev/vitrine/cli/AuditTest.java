package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.golden.GoldenCase;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What audit prints. */
class AuditTest {
  private static final String MODEL = GoldenCase.root().resolve("forward_a/model").toString();

  @Test
  void jsonHasEveryIdentityWithItsWorstElement() {
    for (String backend : new String[] {"scalar", "reference"}) {
      Run run =
          Run.of("audit", "--ids", "5,3,8,5", "--model", MODEL, "--json", "--backend", backend);
      assertThat(run.code()).as(run.err()).isZero();
      JsonNode json = run.json();
      assertThat(json.get("holds").asBoolean()).isTrue();
      assertThat(json.get("backend").asText()).isEqualTo(backend);
      assertThat(json.get("findings")).hasSizeGreaterThan(40);
      double limit = json.get("limit").asDouble();
      assertThat(limit).isEqualTo(backend.equals("scalar") ? 1e-5 : 1e-12);
      for (JsonNode finding : json.get("findings")) {
        assertThat(finding.get("holds").asBoolean()).isTrue();
        assertThat(finding.get("relative").asDouble()).isLessThanOrEqualTo(limit);
        assertThat(finding.get("where").size()).isPositive();
      }
      assertThat(json.get("worst").get("relative").asDouble()).isPositive();
    }
  }

  @Test
  void whereAnEditBrokeInIsShownAndIsNoFault() {
    String edit = "blocks.0.hook_attn_out[position=1]=0.5";
    String[] command = {"audit", "--ids", "5,3,8,5", "--model", MODEL, "--set", edit};
    Run screen = Run.of(command);
    assertThat(screen.code()).as(screen.err()).isZero();
    assertThat(screen.out())
        .contains("Edits  what was changed", edit.replace("=0.5", " = 0.5"))
        .containsPattern("= hook_attn_out +(to the bit, )?1 edited")
        .contains("holds, but where edits broke in");
    String[] asJson = Arrays.copyOf(command, command.length + 1);
    asJson[command.length] = "--json";
    JsonNode json = Run.of(asJson).json();
    assertThat(json.get("edits")).hasSize(1);
    assertThat(json.get("holds").asBoolean()).isTrue();
    for (JsonNode finding : json.get("findings")) {
      assertThat(finding.get("holds").asBoolean() || finding.get("edited").asBoolean()).isTrue();
    }
    assertThat(json.get("worst").get("holds").asBoolean()).isTrue();
  }

  @Test
  void theScreenFitsAnyTerminal() {
    for (int width : new int[] {40, 60, 80, 200}) {
      Map<String, String> environment = Map.of("COLUMNS", String.valueOf(width), "LC_ALL", "C");
      Run run = Run.with(environment, "", "audit", "--ids", "5,3,8", "--model", MODEL);
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.out()).matches("[\\n -~]*").contains("to the bit", "holds - ");
      assertThat(run.out().lines())
          .allSatisfy(line -> assertThat(Columns.width(line)).isLessThanOrEqualTo(width));
    }
  }

  @Test
  void anElementIsComputedAgainByHand() {
    String element = "blocks.0.attn.hook_q[position=-1,head=1,d_head=2]";
    String[] command = {"audit", "--ids", "5,3,8", "--model", MODEL, "--element", element};
    Run screen = Run.of(command);
    assertThat(screen.code()).as(screen.err()).isZero();
    assertThat(screen.out())
        .contains(
            "blocks.0.attn.hook_q[position=2,head=1,d_head=2] = ",
            "ln1.hook_normalized[d_model=",
            "+ b_Q = ",
            "the same bits as in the trace");
    String[] asJson = Arrays.copyOf(command, command.length + 1);
    asJson[command.length] = "--json";
    JsonNode json = Run.of(asJson).json().get("elements").get(0);
    assertThat(json.get("same_bits").asBoolean()).isTrue();
    assertThat(json.get("computed")).isEqualTo(json.get("value"));
    assertThat(json.get("lines").get(0).get("terms")).hasSizeGreaterThan(8);
    command[6] = "blocks.0.attn.hook_q[position=1]";
    Run partial = Run.of(command);
    assertThat(partial.code()).isEqualTo(1);
    assertThat(partial.err()).contains("give head=N, d_head=N");
    command[6] = "blocks.0.attn.hook_q[position";
    assertThat(Run.of(command).code()).isEqualTo(2);
  }

  @Test
  void whatFollowsFromANaNIsNoFault() {
    for (String edit :
        new String[] {"blocks.0.hook_mlp_out[position=1]=nan", "blocks.0.hook_resid_pre=nan"}) {
      Run run = Run.of("audit", "--ids", "5,3,8,5", "--model", MODEL, "--set", edit);
      assertThat(run.code()).as(run.out()).isZero();
      assertThat(run.out()).contains("holds, but where edits broke in").doesNotContain("Infinity");
    }
    String all = "blocks.0.hook_resid_pre=nan";
    Run run = Run.of("audit", "--ids", "5,3,8,5", "--model", MODEL, "--set", all);
    assertThat(run.out()).containsPattern("= attn.hook_z +×2  NaN\n");
  }

  @Test
  void anElementThatAnEditWroteIsNoFault() {
    String edit = "blocks.1.hook_resid_mid[position=-1]=2";
    String[] command = {
      "audit", "--ids", "5,3,8", "--model", MODEL, "--set", edit, "--element", ""
    };
    command[8] = "blocks.1.hook_resid_mid[position=2,d_model=0]";
    Run written = Run.of(command);
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(written.out())
        .contains("Edits  what was changed in the run", "the trace has 2.0: an edit lies between");
    command[8] = "blocks.1.hook_resid_mid[position=1,d_model=0]";
    assertThat(Run.of(command).out()).contains("the same bits as in the trace");
  }
}
