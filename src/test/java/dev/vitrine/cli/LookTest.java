package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.golden.GoldenCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What look, tokens, generate and doctor print. */
class LookTest {
  private static final String MODEL = GoldenCase.root().resolve("forward_a/model").toString();
  private static final String STORE = "When Mary and John went to the store, John gave a drink to";
  private static final String TEXT = "Grüße, 世界 🎉\tand\nmore";

  @Test
  void jsonHasWhatTheScreenHas() {
    Run run = Run.of("look", "--ids", "5,3,8,5,3", "--model", MODEL, "--json");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    JsonNode json = run.json();
    assertThat(json.get("tokens")).hasSize(5);
    assertThat(json.get("predictions")).hasSize(5);
    assertThat(json.get("predictions").get(0).fieldNames())
        .toIterable()
        .containsExactly("token", "id", "probability", "logit");
    JsonNode last = json.get("lens").get(json.get("lens").size() - 1);
    assertThat(last.get("top")).isEqualTo(json.get("predictions"));
    double sum = 0;
    for (JsonNode component : json.get("components")) {
      sum += component.get("logit").asDouble();
    }
    assertThat(sum).isCloseTo(json.get("target").get("logit").asDouble(), within(1e-4));
    assertThat(json.get("heads").get(0).get("attention")).hasSize(5);
    for (String field :
        new String[] {"convention", "version", "model", "model_hash", "backend", "seed"}) {
      assertThat(json.has(field)).as(field).isTrue();
    }
  }

  @Test
  void aDifferenceShowsTheHeadsThatDecideIt() {
    JsonNode plain = Run.of("look", STORE, "--json").json();
    assertThat(plain.get("minus").isNull()).isTrue();
    assertThat(plain.get("lens").get(0).get("difference").isNull()).isTrue();
    JsonNode json = Run.of("look", STORE, "--minus", " John", "--json").json();
    assertThat(json.get("minus").get("token").asText()).isEqualTo(" John");
    double difference = json.get("target").get("logit").asDouble();
    assertThat(json.get("target").get("sum").asDouble()).isCloseTo(difference, within(1e-4));
    JsonNode last = json.get("lens").get(json.get("lens").size() - 1);
    assertThat(last.get("difference").asDouble()).isCloseTo(difference, within(1e-4));
    JsonNode why = Run.of("why", STORE, "--minus", " John", "--no-effects", "--json").json();
    assertThat(why.get("root").get("adds").asDouble()).isCloseTo(difference, within(1e-4));
    Run screen = Run.of("look", STORE, "--minus", " John", "--top", "8");
    assertThat(screen.out())
        .contains("if the model stopped here; ·Mary − ·John")
        .contains("what each adds to ·Mary − ·John")
        .contains(" = difference ");
    String heads = screen.out().substring(screen.out().indexOf("\nHeads"));
    assertThat(heads).contains("L1H6", "L1H5", "L2H2", "L2H4"); // those that the sweep finds
    JsonNode swapped =
        Run.of("look", STORE, "--token", " John", "--minus", " Mary", "--json").json();
    assertThat(swapped.get("target").get("logit").asDouble()).isCloseTo(-difference, within(1e-4));
  }

  @Test
  void aTokenBehindAFlagIsOneToken() {
    assertThat(Run.of("look", STORE, "--minus", "drink").err()) // with its blank it is one
        .contains("did you mean \" drink\"?");
    Run blankless = Run.of("look", STORE, "--minus", "John");
    assertThat(blankless.code()).isZero();
    assertThat(blankless.err()).contains("within one it is \" John\"").hasLineCount(1);
    assertThat(Run.of("look", STORE, "--minus", " John").err()).isEmpty();
    assertThat(Run.of("look", STORE, "--minus", " Mary").err())
        .contains("the very token that is asked about");
    assertThat(Run.of("look", STORE, "--minus-id", "-1").err()).contains("not in 0 …");
    Run twice = Run.of("look", STORE, "--minus", " Mary", "--minus-id", "3");
    assertThat(twice.code()).isEqualTo(2);
    // A model without a tokenizer has ids for tokens.
    String[] ids = {"look", "--ids", "5,3,8", "--model", MODEL, "--json", "--minus"};
    assertThat(Run.of(and(ids, "7")).json().get("minus").get("id").asInt()).isEqualTo(7);
    assertThat(Run.of(and(ids, "seven")).err()).contains("takes a token's id");
  }

  private static String[] and(String[] words, String last) {
    String[] all = java.util.Arrays.copyOf(words, words.length + 1);
    all[words.length] = last;
    return all;
  }

  @Test
  void whatAnEditPutIntoTheStreamIsNotSaidToAddUp() {
    String edit = "blocks.2.hook_resid_post[position=-1]=0.5";
    Run run = Run.of("look", STORE, "--set", edit);
    assertThat(run.out()).contains(", but logit ", "an edit came between");
    assertThat(Run.of("look", STORE, "--zero", "blocks.1.attn.hook_z[head=2]").out())
        .contains(" = logit ");
  }

  @Test
  void noLineIsWiderThanTheTerminal(@TempDir Path folder) throws IOException {
    String tiny = TinyModel.write(folder).toString();
    for (int width : new int[] {40, 60, 80, 200}) {
      for (String locale : new String[] {"C", "en_US.UTF-8"}) {
        Map<String, String> environment =
            Map.of("COLUMNS", String.valueOf(width), "LC_ALL", locale);
        Run run = Run.with(environment, "", "look", TEXT, "--model", tiny, "--top", "8");
        assertThat(run.code()).isZero();
        assertThat(run.out().lines())
            .allSatisfy(line -> assertThat(Columns.width(line)).isLessThanOrEqualTo(width));
        if (locale.equals("C")) {
          assertThat(run.out()).matches("[\\n -~]*");
        }
      }
    }
  }

  @Test
  void coloursAreForTerminalsWithout_NO_COLOR() {
    String[] command = {"look", "--ids", "5,3", "--model", MODEL};
    assertThat(Run.of(command).out()).doesNotContain("\u001b");
    assertThat(Run.with(Map.of("VITRINE_TTY", "1"), "", command).out()).contains("\u001b[");
    assertThat(Run.with(Map.of("VITRINE_TTY", "1", "NO_COLOR", "1"), "", command).out())
        .doesNotContain("\u001b");
  }

  @Test
  void tokensSpellTheText(@TempDir Path folder) throws IOException {
    String tiny = TinyModel.write(folder).toString();
    Run run = Run.of("tokens", TEXT, "--model", tiny, "--json");
    assertThat(run.json().get("text").asText()).isEqualTo(TEXT);
    assertThat(run.json().get("count").asInt()).isEqualTo(run.json().get("tokens").size());
    Run ascii =
        Run.with(Map.of("LC_ALL", "C"), TEXT, "tokens", "--file", "-", "--model", tiny, "--json");
    assertThat(ascii.out()).matches("[\\n -~]*");
    assertThat(ascii.json()).isEqualTo(run.json());
    assertThat(Run.of("tokens", "--encoding", "gpt2", "Hello world").out())
        .contains("15496", "·world", "2 tokens");
    Run special = Run.of("tokens", "--encoding", "gpt2", "--special", "--json", "<|endoftext|>");
    assertThat(special.json().get("tokens").get(0).get("id").asInt()).isEqualTo(50256);
  }

  @Test
  void generatedTextIsWholeAcrossTokens(@TempDir Path folder) throws IOException {
    String tiny = TinyModel.write(folder).toString();
    String[] command = {"generate", TEXT, "--model", tiny, "--max-new", "8", "--seed", "3"};
    Run streamed = Run.of(command);
    String[] asJson = java.util.Arrays.copyOf(command, command.length + 1);
    asJson[command.length] = "--json";
    JsonNode json = Run.of(asJson).json();
    assertThat(streamed.out()).startsWith(TEXT);
    assertThat(streamed.out()).isEqualTo(TEXT + json.get("text").asText() + "\n");
    assertThat(json.get("ids")).hasSize(8);
    assertThat(json.get("reason").asText()).isEqualTo("max_new");
    assertThat(json.get("seed").asInt()).isEqualTo(3);
    Run full = Run.of("generate", "a", "--model", tiny, "--max-new", "100");
    assertThat(full.err()).contains("the context of 64 tokens is full");
    assertThat(full.code()).isZero();
  }

  @Test
  void doctorSaysWhatWasChosen() {
    Run run = Run.of("doctor", "--model", MODEL, "--backend", "reference", "--json");
    assertThat(run.code()).isZero();
    for (JsonNode backend : run.json().get("backends")) {
      assertThat(backend.get("chosen").asBoolean())
          .isEqualTo(backend.get("name").asText().equals("reference"));
    }
    assertThat(Run.of("doctor", "--model", "/none").code()).isEqualTo(1);
    assertThat(Run.of("doctor", "--precision", "int8").out())
        .matches("(?s).*int8: perplexity \\S+ where f32 has \\S+.*");
    assertThat(Run.of("look", "a", "--precision", "int4").code()).isEqualTo(2);
    assertThat(Run.of("--version").out()).startsWith("vitrine ");
    assertThat(Run.of("look", "--help").out()).contains("--json has all that the screen has");
  }

  @Test
  void helpGroupsFlagsUnderHeadings() {
    for (String verb : new String[] {"look", "generate", "why", "audit", "heads", "dump"}) {
      String help = Run.of(verb, "--help").out();
      assertThat(help)
          .as(verb)
          .contains("\nEdits, which apply in the order in which they stand:\n");
      String edits = help.substring(help.indexOf("\nEdits"), help.indexOf("\nModel:"));
      assertThat(edits.indexOf("--zero")).isLessThan(edits.indexOf("--set"));
      assertThat(edits).contains("--edits=FILE").doesNotContain("--bos", "--backend");
    }
    assertThat(Run.of("circuits", "--help").out()).doesNotContain("\nEdits");
  }

  @Test
  void whatJsonHasNoNumberForIsAString() {
    String edit = "ln_final.hook_normalized[position=-1]=nan";
    JsonNode nan = Run.of("look", STORE, "--set", edit, "--json").json();
    assertThat(nan.get("target").get("logit").asText()).isEqualTo("NaN");
    String masked = "blocks.0.attn.hook_attn_scores[head=0,query=2,key=1]=-inf";
    JsonNode edited = Run.of("look", STORE, "--set", masked, "--json").json();
    assertThat(edited.get("edits").get(0).get("norm").asText()).isEqualTo("Infinity");
    JsonNode first = Run.of("look", "John", "--json").json();
    assertThat(first.get("heads").get(0).get("induction").isNull()).isTrue(); // no place for it
  }

  @Test
  void logitsThatAreNoNumbersPredictNothing() {
    String[] command = {"look", "Mary and John", "--set", "blocks.1.hook_mlp_out=nan"};
    assertThat(Run.of(command).out())
        .contains("\n  nothing: all logits are NaN, the first site that holds one is")
        .contains("blocks.1.hook_mlp_out")
        .doesNotContain("NaN%", "Components");
    String[] asJson = {command[0], command[1], command[2], command[3], "--json"};
    JsonNode json = Run.of(asJson).json();
    assertThat(json.get("predictions")).isEmpty();
    assertThat(json.get("nan_from").asText()).isEqualTo("blocks.1.hook_mlp_out");
    assertThat(json.get("lens").get(1).get("top")).isNotEmpty();
    String[] some = {"look", "Mary and John", "--set", "unembed.hook_out[vocab=5]=nan"};
    assertThat(Run.of(some).out()).contains("nothing: 1 of 3392 logits are NaN");
  }

  @Test
  void anExplanationThatDoesNotFitGoesOnBelow() {
    Run run = Run.with(Map.of("COLUMNS", "50"), "", "look", "Mary and John");
    assertThat(run.out()).contains("Predictions  probability and logit of the next\n  token\n");
  }

  @Test
  void helpFitsAnyTerminalAndItsParagraphsFlow() {
    for (int width : new int[] {50, 60, 80, 100}) {
      for (String verb : new String[] {"look", "why", "circuits", "audit", "heads", "diverge"}) {
        Run run = Run.with(Map.of("COLUMNS", "" + width), "", verb, "--help");
        assertThat(run.out().lines())
            .as(verb)
            .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(width));
      }
    }
    String why = Run.with(Map.of("COLUMNS", "80"), "", "why", "--help").out();
    assertThat(why).contains("\nscales, attention patterns and activations' gates frozen.");
    String audit = Run.with(Map.of("COLUMNS", "80"), "", "audit", "--help").out();
    assertThat(audit).contains("\n\nExit code 1 ", "\n                 differing, where, sum,");
  }

  @Test
  void doctorSaysARefusalOnce() {
    String backends = Run.of("doctor").out();
    if (backends.contains("cuda       refused: ")) {
      assertThat(backends).contains("cuda-bf16  refused, as cuda", "cuda-f16   refused, as cuda");
    }
  }
}
