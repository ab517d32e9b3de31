package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.golden.GoldenCase;
import dev.vitrine.model.Gpt2;
import dev.vitrine.weights.Gpt2Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs on weights, as a person calls them. */
class WeightsTest {
  private static final Path FORMATS = GoldenCase.root().resolve("formats");

  @TempDir Path folder;

  private static Run weights(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "weights";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return Run.of(all);
  }

  private static void refused(int code, String message, String... arguments) {
    Run run = weights(arguments);
    assertThat(run.err()).contains(message).startsWith("vitrine: ").endsWith("\n");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(code);
  }

  @Test
  void inspectDrawsTheModelAndListsItsTensors() throws IOException {
    Run run = weights("inspect", TinyModel.write(folder).toString());
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains(
            "safetensors · F32",
            "4,320 parameters",
            " token           256 × 8",
            " ├─ attention    2 heads of 4",
            "│ × 2",
            " └─ unembedding  256, tied to token",
            "h.1.mlp.c_proj.weight   F32    32 8",
            "28 tensors");
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 40, 60, 80, 200})
  void inspectFitsTheTerminalInAsciiToo(int columns) throws IOException {
    Map<String, String> terminal =
        Map.of("LANG", "C", "COLUMNS", String.valueOf(columns), "VITRINE_TTY", "1");
    Path model = TinyModel.write(folder);
    Run run = Run.with(terminal, "", "weights", "inspect", model.toString());
    String plain = run.out().replaceAll("\u001b\\[[0-9;]*m", "");
    assertThat(plain).matches(text -> text.chars().allMatch(c -> c < 128));
    if (columns >= 40) {
      assertThat(plain.lines()).allMatch(line -> line.length() <= columns);
    }
  }

  @Test
  void inspectAsJson() {
    JsonNode json = weights("inspect", FORMATS.resolve("gguf_q8_0").toString(), "--json").json();
    assertThat(json.get("format").asText()).startsWith("GGUF");
    assertThat(json.get("config").get("layers").asInt()).isPositive();
    assertThat(json.get("refused").isNull()).isTrue();
    long sum = 0;
    for (JsonNode part : json.get("parts")) {
      sum += part.asLong();
    }
    assertThat(json.get("parameters").asLong()).isEqualTo(sum);
    assertThat(json.get("tensors").get(0).get("norm").asDouble()).isPositive();
    assertThat(json.get("hash").asText()).hasSize(64);
  }

  @Test
  void whatIsNoModelIsShownAsTensors() {
    String file = GoldenCase.root().resolve("forward_a/expected.safetensors").toString();
    Run run = weights("inspect", file);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("elements", "attn.hook_pattern");
    assertThat(run.err()).contains("shown as tensors only", "has no config.json");
    JsonNode json = weights("inspect", file, "--json").json();
    assertThat(json.get("config").isNull()).isTrue();
    assertThat(json.get("refused").asText()).contains("has no config.json");
  }

  @Test
  void verifySaysSoundOrNot() throws IOException {
    Path model = TinyModel.write(folder);
    Run run = weights("verify", model.toString());
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("sound", "hash  ");
    byte[] bytes = Files.readAllBytes(model.resolve("model.safetensors"));
    bytes[bytes.length - 1] = 0x7f; // the last bias becomes NaN
    bytes[bytes.length - 2] = (byte) 0xc0;
    Files.write(model.resolve("model.safetensors"), bytes);
    Run broken = weights("verify", model.toString());
    assertThat(broken.code()).isEqualTo(1);
    assertThat(broken.out()).contains("1 fault", "'ln_f.bias' has 1 elements that are NaN");
    JsonNode json = weights("verify", model.toString(), "--json").json();
    assertThat(json.get("sound").asBoolean()).isFalse();
    assertThat(json.get("faults")).hasSize(1);
  }

  @Test
  void verifyComparesAcrossFormats() {
    String plain = FORMATS.resolve("sf_f32").toString();
    Run same = weights("verify", plain, "--against", FORMATS.resolve("bin_legacy").toString());
    assertThat(same.code()).isZero();
    assertThat(same.out()).contains("equal to", "to the bit");
    String rounded = FORMATS.resolve("gguf_q8_0").toString();
    Run other = weights("verify", plain, "--against", rounded);
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.out()).contains("h.0.attn.qkv", "differs in");
    JsonNode against =
        weights("verify", plain, "--against", rounded, "--json").json().get("against");
    assertThat(against.get("equal").asBoolean()).isFalse();
    assertThat(against.get("differences").get(0).get("relative").asDouble()).isBetween(1e-6, 0.1);
  }

  @ParameterizedTest
  @CsvSource({
    "out,, false",
    "out, f16, false",
    "x.npz,, false",
    "x.safetensors, bf16, false",
    "x.gguf,, true",
    "y.gguf, q8_0, true",
    "out,, false"
  })
  void convertKeepsTheModelAndItsTokenizer(String name, String dtype, boolean gguf)
      throws IOException {
    Path model = Path.of("embedded");
    Path out = folder.resolve("to").resolve(name);
    Files.createDirectories(folder.resolve("to"));
    Run run =
        dtype == null
            ? weights("convert", model.toString(), out.toString())
            : weights("convert", model.toString(), out.toString(), "--dtype", dtype);
    assertThat(run.err()).contains(dtype == null || dtype.equals("f16") ? "exact" : "rounded");
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEmpty();
    try (Gpt2 again = Gpt2.load(out.toString());
        Gpt2 built = Gpt2.load("embedded")) {
      String text = "When Mary and John went";
      assertThat(again.tokens(text).ids()).isEqualTo(built.tokens(text).ids());
      assertThat(again.trace(text).predictions().top(1).toString())
          .isEqualTo(
              dtype == null
                  ? built.trace(text).predictions().top(1).toString()
                  : again.trace(text).predictions().top(1).toString());
    }
    List<String> beside = gguf ? List.of() : List.of("config.json", "vocab.json", "merges.txt");
    Path home = name.equals("out") ? out : folder.resolve("to");
    assertThat(beside).allMatch(file -> Files.isRegularFile(home.resolve(file)));
  }

  @Test
  void convertThereAndBackChangesNothing() {
    String there = folder.resolve("lens").toString();
    String back = folder.resolve("back.npz").toString();
    JsonNode json = weights("convert", "embedded", there, "--names", "tl", "--json").json();
    assertThat(json.get("exact").asBoolean()).isTrue();
    assertThat(json.get("names").asText()).isEqualTo("tl");
    assertThat(folder.resolve("lens/tl_config.json")).isRegularFile();
    assertThat(weights("verify", there, "--against", "embedded").code()).isZero();
    assertThat(weights("convert", there, back, "--names", "tl").code()).isZero();
    assertThat(weights("verify", back, "--against", "embedded").code()).isZero();
    try (Gpt2Weights written = Gpt2Weights.open(Path.of(back))) {
      assertThat(json.get("hash").asText()).isNotEqualTo(written.hash());
    }
  }

  @Test
  void nothingIsReplacedUnasked() throws IOException {
    Path model = TinyModel.write(Files.createDirectories(folder.resolve("in")));
    Path out = folder.resolve("out");
    assertThat(weights("convert", model.toString(), out.toString()).code()).isZero();
    refused(1, "is there already", "convert", model.toString(), out.toString());
    assertThat(weights("convert", model.toString(), out.toString(), "--overwrite").code()).isZero();
    // Beside the model itself only the weights are new.
    Run beside = weights("convert", model.toString(), model.resolve("x.npz").toString());
    assertThat(beside.code()).isZero();
    assertThat(beside.err()).startsWith("F32 in ").contains("x.npz, exact");
  }

  @Test
  void aWrongCommandLineIsExitTwo() {
    refused(2, "say what to do with weights: fetch, inspect, verify, convert");
    refused(2, "no verb \"inspct\"; did you mean inspect?", "inspct");
    refused(2, "FILE", "inspect");
    refused(2, "one argument too many", "inspect", "a", "b");
    refused(2, "no flag --jsno; did you mean --json?", "inspect", "a", "--jsno");
    refused(
        2,
        "--dtype of safetensors is f64, f32, f16, bf16, not \"q8_0\"",
        "convert",
        "a",
        "b",
        "--dtype",
        "q8_0");
    refused(2, "OUT is a folder, or ends in", "convert", "a", "b.bin");
    refused(2, "--names is hf or tl", "convert", "a", "b", "--names", "x");
    refused(2, "--names is not for GGUF", "convert", "a", "b.gguf", "--names", "hf");
    refused(2, "is no name of a model", "fetch", "../gpt2");
    refused(2, "--mirror takes the address", "fetch", "gpt2", "--mirror", "nowhere");
  }

  @Test
  void brokenFilesAreSaidInOneLine() throws IOException {
    refused(1, "no such model", "inspect", folder + "/none");
    refused(1, "has no weights", "inspect", folder.toString());
    Path empty = Files.createFile(folder.resolve("empty.gguf"));
    refused(1, "is empty (0 bytes)", "inspect", empty.toString());
    refused(1, "is empty (0 bytes)", "verify", empty.toString());
    refused(1, "is empty (0 bytes)", "convert", empty.toString(), folder + "/out");
    assertThat(folder.resolve("out")).doesNotExist();
    byte[] half = Files.readAllBytes(FORMATS.resolve("gguf_f32/model.gguf"));
    Path cut = Files.write(folder.resolve("cut.gguf"), java.util.Arrays.copyOf(half, 3000));
    refused(1, "cut.gguf", "inspect", cut.toString());
    Path toy = GoldenCase.root().resolve("edge_attn_only/model");
    refused(1, "has no MLPs", "convert", toy.toString(), folder + "/toy");
    assertThat(folder.resolve("toy")).doesNotExist();
  }

  @Test
  void aModelThatIsNotThereIsNotFetchedUnasked() {
    refused(1, "fetch it with ./vitrine weights fetch no-such/model", "verify", "no-such/model");
    Run run = Run.of("look", "--model", "no-such/model", "Hello");
    assertThat(run.err()).contains("./vitrine weights fetch no-such/model");
    assertThat(run.code()).isEqualTo(1);
  }
}
