package dev.vitrine.cli;

import static dev.vitrine.cli.BadInputTest.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vitrine.analysis.experiment.Effect;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ablate shows is the effect; what it saves, replay runs again. */
@SuppressWarnings("NullAway.Init")
class AblateTest {
  private static final String PROMPT = "the cat sat";
  private static final String EDIT = "blocks.0.hook_mlp_out[position=2,3]";

  @TempDir Path folder;
  private String model;

  @BeforeEach
  void write() throws IOException {
    model = TinyModel.write(Files.createDirectory(folder.resolve("model"))).toString();
  }

  private Run run(String verb, String... more) {
    List<String> line = new ArrayList<>(List.of(verb, "--model", model));
    line.addAll(List.of(more));
    return Run.of(line.toArray(String[]::new));
  }

  @Test
  void jsonHasTheEffectThatTheApiMeasures() {
    JsonNode json = run("ablate", PROMPT, "--zero", EDIT, "--json", "--top", "3").json();
    try (Gpt2 loaded = Gpt2.load(model, Backends.open("scalar", 1))) {
      Trace before = loaded.trace(PROMPT);
      Trace after = before.with(Edit.zero(Target.of(EDIT)));
      Effect effect = Effect.of(before, after);
      JsonNode prompt = json.get("prompts").get(0);
      assertThat(prompt.get("kl").asDouble()).isEqualTo(effect.kl()).isPositive();
      assertThat(prompt.get("loss_before").asDouble()).isEqualTo(before.loss());
      assertThat(prompt.get("loss_after").asDouble()).isEqualTo(after.loss());
      assertThat(prompt.get("work").get("saved").asLong()).isEqualTo(after.work().saved());
      assertThat(prompt.get("before").get(0).get("id").asInt())
          .isEqualTo(before.predictions().first());
      assertThat(prompt.get("after").get(0).get("id").asInt())
          .isEqualTo(after.predictions().first());
      assertThat(prompt.get("moved")).hasSize(3);
      JsonNode most = prompt.get("moved").get(0);
      double largest = after.logits(-1).minus(before.logits(-1)).abs().max().value();
      assertThat(Math.abs(most.get("change").asDouble())).isCloseTo(largest, within(1e-6));
      assertThat(json.get("model_hash").asText()).isEqualTo(loaded.hash());
    }
  }

  @Test
  void divergenceIsZeroWhereNothingChanges() {
    JsonNode json = run("ablate", PROMPT, "--scale", EDIT + "=1", "--json").json();
    assertThat(json.get("prompts").get(0).get("kl").asDouble()).isZero();
  }

  @Test
  void csvHasALineForEachTokenMoved() {
    Run run = run("ablate", PROMPT, "a\"b", "--zero", "hook_pos_embed", "--csv", "--top", "2");
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.getFirst()).startsWith("prompt,id,token,logit_before");
    assertThat(lines.get(3)).startsWith("1,");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void theScreenFitsANarrowTerminalWithoutColours() {
    for (int width : new int[] {40, 60, 120}) {
      Map<String, String> narrow =
          Map.of("COLUMNS", "" + width, "NO_COLOR", "1", "VITRINE_TTY", "1", "LANG", "C");
      String[] line = {"ablate", PROMPT, "--model", model, "--scale", EDIT + "=0.5"};
      Run run = Run.with(narrow, "", line);
      assertThat(run.code()).isZero();
      assertThat(run.out().lines()).allMatch(l -> l.length() <= width);
      assertThat(run.out().chars()).allMatch(c -> c == '\n' || (c >= 32 && c < 127));
      assertThat(run.out()).contains("Edits").contains("Moved most").contains("KL");
    }
  }

  @Test
  void whatIsSavedIsReplayedAndGivesItsEditsAgain() {
    String file = folder.resolve("kept.json").toString();
    String edit = "blocks.0.hook_mlp_out[position=4..6]";
    String[] edits = {PROMPT, "--patch", edit, "--from", "the dog sat", "--scale", "hook_embed=2"};
    List<String> line = List.of(edits);
    JsonNode direct = run("look", with(line, "--json")).json();
    assertThat(run("ablate", with(line, "--save", file)).code()).isZero();
    for (String backend : new String[] {"auto", "simd", "scalar"}) {
      Run replay = Run.of("replay", file, "--backend", backend);
      assertThat(replay.code()).as(replay.err()).isZero();
      assertThat(replay.out()).matches("identical, \\d+ sites\n");
    }
    assertThat(run("look", "--edits", file, "--json").json()).isEqualTo(direct);
  }

  private static String[] with(List<String> line, String... more) {
    List<String> all = new ArrayList<>(line);
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void aPlantedDifferenceIsFoundAtItsPlace() throws IOException {
    Path file = folder.resolve("kept.json");
    String[] line = {PROMPT, "--zero", EDIT, "--save", file.toString(), "--values"};
    assertThat(run("ablate", line).code()).isZero();
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = (ObjectNode) mapper.readTree(file.toFile());
    ((ObjectNode) root.get("edits").get(0)).put("value", 0.5);
    mapper.writeValue(file.toFile(), root);
    Run replay = Run.of("replay", file.toString());
    assertThat(replay.code()).isOne();
    assertThat(replay.out())
        .startsWith(
            "differs first at blocks.0.hook_mlp_out: saved 0.0 against 0.5 at [position 2, d_model"
                + " 0]; ");
    JsonNode json = Run.of("replay", file.toString(), "--json").json();
    assertThat(json.get("identical").asBoolean()).isFalse();
    assertThat(json.get("first").get("at").get("position").asInt()).isEqualTo(2);
    assertThat(json.get("first").get("saved").asDouble()).isZero();
    assertThat(json.get("first").get("now").asDouble()).isEqualTo(0.5);
    assertThat(json.get("different").get(1).asText()).isEqualTo("blocks.0.hook_resid_post");
  }

  @Test
  void aGenerationIsKeptAndChosenAgain() throws IOException {
    Path file = folder.resolve("text.json");
    String[] line = {PROMPT, "--zero", EDIT, "--max-new", "6", "--seed", "5"};
    List<String> all = List.of(line);
    Run plain = run("generate", line);
    Run kept = run("generate", with(all, "--save", file.toString()));
    assertThat(kept.out()).isEqualTo(plain.out());
    assertThat(kept.err()).contains("6 new tokens and ");
    for (String backend : new String[] {"auto", "simd"}) {
      assertThat(Run.of("replay", file.toString(), "--backend", backend).out())
          .matches("identical, 6 new tokens and \\d+ sites\n");
    }
    JsonNode json = run("generate", with(all, "--save", file.toString(), "--json")).json();
    assertThat(json.get("saved").asText()).isEqualTo(file.toString());
    // The prompt and edits of it, for another verb.
    assertThat(run("look", "--edits", file.toString(), "--json").json())
        .isEqualTo(run("look", PROMPT, "--zero", EDIT, "--json").json());
    String text = Files.readString(file).replace("\"temperature\" : 1.0", "\"temperature\" : 9.0");
    Files.writeString(file, text);
    Run other = Run.of("replay", file.toString());
    assertThat(other.code()).isOne();
    assertThat(other.out()).startsWith("new token ").contains(" was \"", "; differs first at ");
    JsonNode continued = Run.of("replay", file.toString(), "--json").json().get("continued");
    assertThat(continued.get("identical").asBoolean()).isFalse();
    assertThat(continued.get("first").get("saved").asInt())
        .isEqualTo(json.get("ids").get(continued.get("first").get("place").asInt()).asInt());
    refused(2, "add it", "generate", "x", "--values");
  }

  @Test
  void theReferenceHasHashesOfItsOwn() {
    String file = folder.resolve("kept.json").toString();
    String[] line = {PROMPT, "--zero", EDIT, "--save", file, "--backend", "reference"};
    assertThat(run("ablate", line).code()).isZero();
    assertThat(Run.of("replay", file).out()).startsWith("identical");
    refused(1, "replay it with --backend reference", "replay", file, "--backend", "scalar");
  }

  @Test
  void whatCannotBeReplayedIsSaid() throws IOException {
    String file = folder.resolve("kept.json").toString();
    String[] line = {PROMPT, "--zero", EDIT, "--save", file, "--sites", "*resid*"};
    assertThat(run("ablate", line).code()).isZero();
    refused(1, "there is no such file", "replay", folder.resolve("none.json").toString());
    refused(1, "of hash", "replay", file, "--model", "embedded");
    refused(1, "no such model", "replay", file, "--model", folder.resolve("none").toString());
    refused(1, "leave --view out", "replay", file, "--view", "folded");
    refused(2, "no file", "replay");
    Path other = Files.writeString(folder.resolve("edits.json"), "{\"edits\": []}");
    refused(1, "is no saved experiment", "replay", other.toString());
  }

  @Test
  void wrongFlagsAreExitTwo() {
    refused(2, "no edit", "ablate", "x");
    refused(2, "no prompt", "ablate", "--zero", "hook_embed");
    refused(2, "must end in .json", "ablate", "x", "--zero", "hook_embed", "--save", "x.txt");
    refused(2, "add it", "ablate", "x", "--zero", "hook_embed", "--values");
    refused(2, "exclude each other", "ablate", "x", "--zero", "hook_embed", "--csv", "--json");
    refused(2, "--top must be", "ablate", "x", "--zero", "hook_embed", "--top", "0");
    String nowhere = folder.resolve("no/x.json").toString();
    String[] line = {"ablate", "x", "--model", model, "--zero", "hook_embed", "--save", nowhere};
    refused(1, "there is no such directory", line);
    assertThat(folder.resolve("no")).doesNotExist();
  }

  @Test
  void whereNothingCanBeSavedIsSaidBeforeAnythingIsGenerated() {
    String nowhere = folder.resolve("no/x.json").toString();
    refused(1, "there is no such directory", "generate", "Once", "--save", nowhere);
    Run run = Run.of("generate", "Once", "--save", nowhere);
    assertThat(run.out()).isEmpty();
  }
}
