package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code why}: what it prints, and what it refuses. */
class WhyVerbTest {
  private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

  @Test
  void theTreeAddsUp() {
    JsonNode answer = Run.of("why", PROMPT, "--minus", " John", "--json").json();
    assertThat(answer.get("token").get("token").asText()).isEqualTo(" Mary");
    assertThat(answer.get("minus").get("token").asText()).isEqualTo(" John");
    addsUp(answer.get("root"));
    JsonNode head = answer.get("root").get("parts").get(1);
    assertThat(head.get("label").asText()).isEqualTo("L1H2");
    assertThat(head.get("target").asText())
        .isEqualTo("blocks.1.attn.hook_result[head=2,position=13]");
    assertThat(head.get("without").asDouble()).isNegative();
    assertThat(head.get("parts").get(0).get("label").asText()).isEqualTo("from 1 \" Mary\"");
  }

  private static void addsUp(JsonNode term) {
    double value = term.get("adds").asDouble();
    if (term.get("parts").isEmpty()) {
      return;
    }
    double sum = term.get("others").get("adds").asDouble() + term.get("remainder").asDouble();
    for (JsonNode part : term.get("parts")) {
      sum += part.get("adds").asDouble();
      addsUp(part);
    }
    assertThat(sum).isCloseTo(value, within(1e-9));
  }

  @Test
  void anEditedRunIsExplainedAsItRan() {
    String edit = "blocks.1.attn.hook_result[head=6]";
    String[] command = {"why", PROMPT, "--minus", " John", "--zero", edit, "--json"};
    JsonNode edited = Run.of(command).json();
    addsUp(edited.get("root"));
    assertThat(edited.get("edits").get(0).get("edit").asText()).isEqualTo(edit + " = 0");
    String[] ablate = {"look", PROMPT, "--minus", " John", "--zero", edit, "--json"};
    assertThat(edited.get("root").get("adds").asDouble())
        .isCloseTo(Run.of(ablate).json().get("target").get("logit").asDouble(), within(1e-6));
    // What is put in where sources are summed up is no source's: it remains.
    Run set = Run.of("why", PROMPT, "--scale", "blocks.1.attn.hook_z[head=2]=2");
    assertThat(set.out()).contains("Edits  what was changed", "    remainder ");
  }

  @Test
  void itFitsASmallTerminalWithoutColoursOrUnicode() {
    Run run = Run.with(Map.of("COLUMNS", "40", "LANG", "C"), "", "why", PROMPT);
    assertThat(run.code()).isZero();
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 40);
    assertThat(run.out()).matches("[\\n -~]*");
  }

  @Test
  void whatIsWrongIsSaidInOneLine() {
    wrong(2, "--top and --depth", "why", PROMPT, "--top", "0");
    wrong(2, "give one", "why", PROMPT, "--token", " Mary", "--token-id", "3");
    wrong(1, "tokens", "why", PROMPT, "--token", "xyzzy foo");
    wrong(1, "token id 99999", "why", PROMPT, "--token-id", "99999");
    wrong(1, "--position 14", "why", PROMPT, "--position", "14");
  }

  private static void wrong(int code, String part, String... arguments) {
    Run run = Run.of(arguments);
    assertThat(run.code()).isEqualTo(code);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(part).hasLineCount(1);
  }

  @Test
  void aRemainderIsShownWithTheDigitsThatItHas() {
    String put = "blocks.2.hook_resid_pre[position=13]=3";
    Run large = Run.of("why", PROMPT, "--set", put, "--no-effects");
    assertThat(large.out()).containsPattern("\n  remainder +[+-]\\d+\\.\\d\\d\n");
    Run small = Run.of("why", PROMPT, "--no-effects");
    assertThat(small.out()).containsPattern("\n  remainder +[+-]\\de-\\d\\d\n");
  }

  @Test
  void logitsThatAreNoNumbersAreNotExplained() {
    Run run = Run.of("why", PROMPT, "--set", "blocks.1.hook_mlp_out=nan");
    assertThat(run.code()).isOne();
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "vitrine: there is nothing to explain at position 13: all logits are NaN, the first"
                + " site that holds one is blocks.1.hook_mlp_out\n");
  }
}
