package dev.vitrine.cli;

import static dev.vitrine.cli.BadInputTest.refused;
import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.generate.Generation;
import dev.vitrine.generate.Sampling;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.npz.NpzWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A flag does what the API does, in the order of the command line; what is wrong is said. */
@SuppressWarnings("NullAway.Init")
class EditFlagsTest {
  private static final String PROMPT = "the cat sat";
  private static final String OTHER = "the dog sat";
  private static final Target Z = Target.of("blocks.0.attn.hook_z[head=1]");

  @TempDir static Path folder;
  private static String path;
  private static Gpt2 model;

  @BeforeAll
  static void load() throws IOException {
    path = TinyModel.write(folder).toString();
    model = Gpt2.load(path, Backends.open("scalar", 1));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static Run run(String verb, String... more) {
    List<String> line = new ArrayList<>(List.of(verb, "--model", path, "--backend", "scalar"));
    line.addAll(List.of(more));
    return Run.of(line.toArray(String[]::new));
  }

  /** Dumps an edited run and holds every site of it to the bits of the API's. */
  private static void holds(Batch expected, String... line) {
    Path out = folder.resolve("x.safetensors");
    List<String> all = new ArrayList<>(List.of(line));
    all.addAll(List.of("--out", out.toString()));
    Run run = run("dump", all.toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    try (Checkpoint dumped = Checkpoint.open(out)) {
      for (Site site : Site.all(model.config())) {
        assertThat(dumped.tensor(site.name()).doubles())
            .as(site.name())
            .isEqualTo(expected.tensor(site).doubles());
      }
    }
  }

  private static Batch batch(String... prompts) {
    return model.traces(List.of(prompts).stream().map(model::tokens).toList());
  }

  private static String vector(double... values) {
    Path file = folder.resolve("v.npz");
    try (NpzWriter writer = NpzWriter.create(file)) {
      writer.declare("steer", Dtype.F32, values.length);
      writer.write("steer", values);
      writer.finish();
    }
    return file + "#steer";
  }

  @Test
  void numbersAreSetScaledAndZeroed() {
    String z = Z.toString();
    holds(batch(PROMPT).with(Edit.zero(Z)), PROMPT, "--zero", z);
    holds(batch(PROMPT).with(Edit.set(Z, -2.5e-1)), PROMPT, "--set", z + "=-2.5e-1");
    holds(batch(PROMPT).with(Edit.scale(Z, -3)), PROMPT, "--scale=" + z + "=-3");
    Target edge = Target.of("blocks.1.attn.hook_attn_scores[query=5,key=3]");
    holds(
        batch(PROMPT).with(Edit.set(edge, Double.NEGATIVE_INFINITY)),
        PROMPT,
        "--set",
        "blocks.1.attn.hook_attn_scores[query=5,key=3]=-inf");
  }

  @Test
  void aStarMeansEveryLayer() {
    Edit[] each = new Edit[model.config().layers()];
    for (int layer = 0; layer < each.length; layer++) {
      each[layer] = Edit.zero(Site.mlpOut(layer).at(POSITION, 3));
    }
    holds(batch(PROMPT).with(each), PROMPT, "--zero", "blocks.*.hook_mlp_out[position=3]");
  }

  @Test
  void tensorsComeFromFiles() {
    double[] values = {1, -2, 3, -4, 5, -6, 7, -8};
    Tensor steer = Tensor.of(values, D_MODEL.of(values.length));
    Target resid = Target.of("blocks.1.hook_resid_pre[position=-1]");
    String file = vector(values);
    holds(batch(PROMPT).with(Edit.add(resid, steer)), PROMPT, "--add", resid + "=" + file);
    holds(
        batch(PROMPT).with(Edit.add(resid, steer, -0.5)), PROMPT, "--add", resid + "=-.5*" + file);
    holds(batch(PROMPT).with(Edit.set(resid, steer)), PROMPT, "--set", resid + "=" + file);
  }

  @Test
  void valuesComeFromOtherPrompts() {
    Target mlp = Target.of("blocks.1.hook_mlp_out");
    holds(
        batch(PROMPT).with(Edit.patch(Z, batch(OTHER))),
        PROMPT,
        "--patch",
        "" + Z,
        "--from",
        OTHER);
    holds(
        batch(PROMPT).with(Edit.mean(mlp, batch(OTHER, "?"), BATCH, POSITION)),
        PROMPT,
        "--mean-from",
        "" + mlp,
        "--from",
        OTHER,
        "--from-ids",
        "63");
    holds(
        batch(PROMPT, OTHER).with(Edit.patch(Z, batch(OTHER, PROMPT))),
        PROMPT,
        OTHER,
        "--patch",
        "" + Z,
        "--from",
        OTHER,
        "--from",
        PROMPT);
    Batch plain = batch(PROMPT);
    holds(
        plain.with(Edit.zero(Site.embed()), Edit.patch(Target.of(Site.pattern(0)), plain)),
        PROMPT,
        "--zero",
        "hook_embed",
        "--freeze",
        "blocks.0.attn.hook_pattern");
  }

  @Test
  void aPatchTakesFromThePromptsThatFollowItOrElseTheLastBefore() {
    Edit z = Edit.patch(Z, batch(OTHER));
    Target mlp = Target.of("blocks.0.hook_mlp_out[position=2]");
    Edit two = Edit.patch(mlp, batch("a cat stood"));
    String[] each = {PROMPT, "--patch", "" + Z, "--from", OTHER, "--patch", "" + mlp};
    holds(batch(PROMPT).with(z, Edit.patch(mlp, batch(OTHER))), each);
    List<String> more = new ArrayList<>(List.of(each));
    more.addAll(List.of("--from", "a cat stood"));
    holds(batch(PROMPT).with(z, two), more.toArray(String[]::new));
  }

  @Test
  void theTokenThatBeginsATextBeginsBoth() throws IOException {
    Files.createDirectories(folder.resolve("begun"));
    Path begun = TinyModel.write(folder.resolve("begun"));
    Path config = begun.resolve("config.json");
    String text = Files.readString(config);
    Files.writeString(config, text.replace("\"n_layer\"", "\"bos_token_id\": 7, \"n_layer\""));
    Run run =
        Run.of(
            "look",
            "--model",
            begun.toString(),
            PROMPT,
            "--bos",
            "--patch",
            "hook_embed",
            "--from",
            OTHER,
            "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.json().get("edits").get(0).get("fired").asInt()).isEqualTo(PROMPT.length() + 1);
  }

  @Test
  void meansAreOverPositionsAndPromptsOrWhatIsSaid() {
    Target mlp = Target.of("blocks.1.hook_mlp_out");
    holds(
        batch(PROMPT, OTHER).with(Edit.mean(mlp, BATCH, POSITION)),
        PROMPT,
        OTHER,
        "--mean",
        "" + mlp);
    holds(
        batch(PROMPT, OTHER).with(Edit.mean(mlp, BATCH)),
        PROMPT,
        OTHER,
        "--mean",
        "" + mlp,
        "--over",
        "batch");
    holds(
        batch(PROMPT).with(Edit.mean(Target.of("blocks.1.attn.hook_z"), HEAD, POSITION)),
        PROMPT,
        "--mean",
        "blocks.1.attn.hook_z",
        "--over",
        "pos,head");
  }

  @Test
  void editsApplyInTheOrderOfTheCommandLineAcrossFlags() {
    Target resid = Target.of("blocks.1.hook_resid_pre");
    String name = resid.toString();
    holds(
        batch(PROMPT).with(Edit.set(resid, 0.5), Edit.scale(resid, -2)),
        PROMPT,
        "--set",
        name + "=0.5",
        "--scale",
        name + "=-2");
    String add = name + "=" + vector(1, 1, 1, 1, 1, 1, 1, 1);
    Tensor ones = Tensor.of(new double[] {1, 1, 1, 1, 1, 1, 1, 1}, D_MODEL.of(8));
    holds(
        batch(PROMPT).with(Edit.scale(resid, 3), Edit.add(resid, ones), Edit.scale(resid, 2)),
        "--scale",
        name + "=3",
        "--add",
        add,
        PROMPT,
        "--scale",
        name + "=2");
  }

  @Test
  void editsOfAFileStandWhereItStands() throws IOException {
    Path file = folder.resolve("edits.json");
    Files.writeString(
        file, "{\"edits\": [{\"site\": \"hook_embed\", \"op\": \"scale\", \"value\": 3}]}");
    Target embed = Target.of(Site.embed());
    holds(
        batch(PROMPT).with(Edit.set(embed, 2), Edit.scale(embed, 3), Edit.scale(embed, 5)),
        PROMPT,
        "--set",
        "hook_embed=2",
        "--edits",
        file.toString(),
        "--scale",
        "hook_embed=5");
  }

  @Test
  void generationGoesOnUnderTheEdits() {
    Tokens prompt = model.tokens(PROMPT);
    Target mlp = Target.of("blocks.*.hook_mlp_out");
    Sampling sampling = Sampling.builder().greedy(true).maxNew(12).build();
    Trace edited = model.trace(prompt).with(Edit.scale(mlp, -4));
    int[] expected = Generation.run(edited, sampling).ids();
    String[] line = {PROMPT, "--greedy", "--max-new", "12", "--json", "--scale", mlp + "=-4"};
    JsonNode json = run("generate", line).json();
    assertThat(ids(json)).containsExactly(expected);
    assertThat(json.get("edits").get(0).get("fired").asInt())
        .isEqualTo(2 * (prompt.size() + expected.length));
    assertThat(expected).isNotEqualTo(Generation.run(model.trace(prompt), sampling).ids());
  }

  private static int[] ids(JsonNode json) {
    return StreamSupport.stream(json.get("ids").spliterator(), false)
        .mapToInt(JsonNode::asInt)
        .toArray();
  }

  @Test
  void lookSaysWhatWasChanged() {
    Run run = run("look", PROMPT, "--zero", "" + Z);
    assertThat(run.out()).contains("Edits  what was changed in the run").contains(Z + " = 0");
    assertThat(run.err()).isEmpty();
    assertThat(run("look", PROMPT).out()).doesNotContain("Edits");
    JsonNode edits = run("look", PROMPT, "--zero", "" + Z, "--json").json().get("edits");
    assertThat(edits.get(0).get("elements").asInt()).isEqualTo(PROMPT.length() * 4);
    assertThat(edits.get(0).get("readers").get(0).asText()).contains("hook_result");
  }

  @Test
  void anEditThatChangesNothingIsSaid() {
    Run run = run("generate", PROMPT, "--max-new", "1", "--scale", Z + "=1");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEqualTo("vitrine: the edit " + Z + " × 1 changed nothing\n");
  }

  // ---- what is wrong

  private static void wrongLine(String message, String... edits) {
    List<String> line = new ArrayList<>(List.of("look", "--ids", "1,2,3"));
    line.addAll(List.of(edits));
    refused(2, message, line.toArray(String[]::new));
  }

  private static void wrongHere(String message, String... edits) {
    List<String> line = new ArrayList<>(List.of("look", "--ids", "1,2,3", "--model", path));
    line.addAll(List.of(edits));
    refused(1, message, line.toArray(String[]::new));
  }

  @Test
  void wrongSyntaxIsExitTwo() {
    wrongLine("missing required parameter for option '--zero'", "--zero");
    wrongLine("is no target", "--zero", "blocks.0.attn.hook_z[head=1");
    wrongLine("names no indices", "--zero", "blocks.0.attn.hook_z[head=]");
    wrongLine("names head twice", "--zero", "blocks.0.attn.hook_z[head=1,head=0]");
    wrongLine("did you mean 'head'?", "--zero", "blocks.0.attn.hook_z[hed=1]");
    wrongLine("--set takes TARGET=VALUE", "--set", "blocks.0.attn.hook_z[head=1]");
    wrongLine("there is nothing behind the =", "--set", "hook_embed=");
    wrongLine("\"five\" is no such thing", "--set", "hook_embed=five");
    wrongLine("\"0x10\" is no such thing", "--set", "hook_embed=0x10");
    wrongLine("\"1f\" is no number", "--scale", "hook_embed=1f");
    wrongLine("\"v.npz\" is no such thing", "--add", "hook_embed=v.npz");
    wrongLine("\"v.npz#\" is no such thing", "--add", "hook_embed=2*v.npz#");
    wrongLine("--patch needs --from", "--patch", "hook_embed");
    wrongLine("--from is where", "--from", "x");
    wrongLine("--from-ids takes numbers", "--patch", "hook_embed", "--from-ids", "1,,2");
    wrongLine("one --from for all prompts", more("--from-ids", "1,2,3", "--from-ids", "4,5,6"));
    wrongLine("right behind the --mean", "--zero", "hook_embed", "--over", "batch");
    wrongLine("did you mean 'batch'?", "--mean", "hook_embed", "--over", "bach");
    wrongLine("--run x goes with --edits", "--run", "x");
    wrongLine("did you mean --zero?", "--zro", "hook_embed");
  }

  private static String[] more(String... sources) {
    List<String> line = new ArrayList<>(List.of("--model", path, "--patch", "hook_embed"));
    line.addAll(List.of(sources));
    return line.toArray(String[]::new);
  }

  @Test
  void whatOnlyTheModelOrAFileKnowsIsExitOne() throws IOException {
    wrongHere("the nearest are blocks.0.attn.hook_z", "--zero", "blocks.0.attn.hook_zz");
    wrongHere("no site matches \"blocks.*.hook_x\"", "--zero", "blocks.*.hook_x");
    wrongHere("head 2 is not there", "--zero", "blocks.0.attn.hook_z[head=2]");
    wrongHere("position -4 is not there", "--zero", "blocks.0.attn.hook_z[position=-4]");
    wrongHere("has no axis d_mlp", "--zero", "blocks.0.attn.hook_z[d_mlp=1]");
    wrongHere("say query", "--zero", "blocks.0.attn.hook_pattern[position=1]");
    wrongHere("later edit overwrites it", "--zero", "hook_embed", "--zero", "hook_embed");
    wrongHere("no query sees a later key", "--zero", "blocks.0.attn.hook_pattern[q=0,k=1]");
    String file = vector(1, 2, 3);
    wrongHere("the nearest are steer", "--add", "hook_embed=" + file + "s");
    wrongHere("do not fit", "--add", "hook_embed=" + file);
    wrongHere("there is no such file", "--add", "hook_embed=none.npz#x");
    wrongHere("have 3 and 2 tokens", "--patch", "hook_embed", "--from-ids", "1,2");
    wrongHere("there is no such file", "--edits", folder.resolve("none.json").toString());
    Path edits = folder.resolve("wrong.json");
    Files.writeString(edits, "{\"edits\": [{\"site\": \"hook_embed\", \"op\": \"sett\"}]}");
    wrongHere("did you mean \"set\"?", "--edits", edits.toString());
    Files.writeString(edits, "{\"edits\": []}");
    refused(1, "names no prompt", "look", "--model", path, "--edits", edits.toString());
  }
}
