package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Backends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong is said in one line that helps, under the right exit code. */
class BadInputTest {
  private static final String MODEL = GoldenCase.root().resolve("forward_a/model").toString();

  static void refused(int code, String message, String... arguments) {
    Run run = Run.of(arguments);
    assertThat(run.err()).contains(message).startsWith("vitrine: ").endsWith("\n");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(code);
  }

  private static void wrongLine(String message, String... arguments) {
    refused(2, message, arguments);
  }

  private static void wrongHere(String message, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    Collections.addAll(all, "--model", MODEL);
    refused(1, message, all.toArray(String[]::new));
  }

  @Test
  void aWrongCommandLineIsExitTwo() {
    wrongLine("say what to do");
    wrongLine("no verb \"lok\"; did you mean look?", "lok");
    wrongLine("no flag --modl; did you mean --model?", "look", "--modl", "x", "Hello");
    wrongLine("no prompt", "look");
    wrongLine("no prompt", "generate");
    wrongLine("no prompt", "dump", "--out", "x.npz");
    wrongLine("takes one prompt, not 2", "look", "a", "b");
    wrongLine("--ids takes numbers", "look", "--ids", "5,,3");
    wrongLine("--ids takes numbers", "look", "--ids", "five");
    wrongLine("did you mean \"scalar\"?", "look", "--backend", "scaler", "Hello");
    wrongLine("--threads must be 0 or more", "look", "--threads", "-1", "Hello");
    wrongLine("--top must be 1 or more", "look", "--top", "0", "Hello");
    wrongLine("temperature", "generate", "--temperature", "0", "Hello");
    wrongLine("--seed", "generate", "--seed", "x", "Hello");
    wrongLine("--out", "dump", "--ids", "1");
    wrongLine("must end in .safetensors or .npz", "dump", "--ids", "1", "--out", "x.pt");
    wrongLine("no text", "tokens");
    wrongLine("no encoding \"o200k\"", "tokens", "--encoding", "o200k", "x");
  }

  @Test
  void whatTheModelMustKnowIsExitOne(@TempDir Path folder) {
    wrongHere("token id 100000 is not in 0 … ", "look", "--ids", "1,100000");
    wrongHere("token id -1 is not in 0 … ", "look", "--ids=-1");
    wrongHere("too large", "look", "--ids", "99999999999");
    wrongHere("has no tokenizer", "look", "Hello");
    wrongHere("and the model reads at most", "look", "--ids", "1" + ",1".repeat(2000));
    wrongHere("no such file", "look", "--file", folder.resolve("none").toString());
    String out = folder.resolve("x.safetensors").toString();
    wrongHere(
        "hook_pattern", "dump", "--ids", "1", "--out", out, "--sites", "blocks.0.attn.hook_patern");
    assertThat(folder).isEmptyDirectory();
    wrongHere("no such directory", "dump", "--ids", "1", "--out", folder + "/no/x.npz");
  }

  @Test
  void modelsThatAreNoneSayWhat(@TempDir Path folder) throws IOException {
    refused(1, "no such model", "look", "--ids", "1", "--model", folder + "/none");
    refused(1, "has no weights", "look", "--ids", "1", "--model", folder.toString());
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
    Path weights = folder.resolve("model.safetensors");
    Files.writeString(weights, "half");
    refused(1, "too few for safetensors", "look", "--ids", "1", "--model", folder.toString());
    Files.copy(Path.of(MODEL, "model.safetensors"), weights, StandardCopyOption.REPLACE_EXISTING);
    refused(1, "model_type is 'llama'", "look", "--ids", "1", "--model", folder.toString());
  }

  @Test
  void aBackendThatCannotRunHereSaysWhatIsMissing() {
    Assumptions.assumeFalse(Backends.isAvailable("cuda"), "there is a GPU here");
    refused(1, "backend cuda cannot run here: there is no ", "look", "Hello", "--backend", "cuda");
  }

  @Test
  void anEmptyPromptIsSaid(@TempDir Path folder) throws IOException {
    Path model = TinyModel.write(folder);
    refused(1, "the prompt is empty", "look", "", "--model", model.toString());
  }

  @Test
  void aStackTraceComesOnlyWithDebug() {
    Run run = Run.of("look", "--ids", "100000", "--model", MODEL, "--debug");
    assertThat(run.err()).contains("\tat dev.vitrine");
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void aFullDiskIsSaidAndAClosedPipeIsNot() {
    assertThat(failing("No space left on device"))
        .isEqualTo("vitrine: the output cannot be written: No space left on device\n");
    assertThat(failing("Broken pipe")).isEmpty();
  }

  private static String failing(String why) {
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(why);
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(InputStream.nullInputStream(), out, errors, Map.of());
    for (String json : new String[] {"--debug", "--json"}) {
      err.reset();
      if (json.equals("--debug")) {
        assertThat(Main.run(terminal, "look", "--ids", "1", "--model", MODEL)).isEqualTo(1);
      } else {
        assertThat(Main.run(terminal, "look", "--ids", "1", "--model", MODEL, json)).isEqualTo(1);
      }
    }
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void filesThatAreNoEditsAndNoExperimentsSaySo(@TempDir Path folder) throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.json"), "{}");
    wrongHere(
        "empty.json: has no \"edits\", a list of", "look", "Mary", "--edits", empty.toString());
    Path text = Files.writeString(folder.resolve("text.txt"), "hello there\n");
    wrongHere(
        "text.txt: is not a JSON object, which begins with {: it begins with \"hello there\"",
        "replay",
        text.toString());
  }
}
