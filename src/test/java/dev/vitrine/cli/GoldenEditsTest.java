package dev.vitrine.cli;

import static dev.vitrine.golden.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.golden.GoldenCase;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.StoredTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every edited run of the golden set can be had from the command line, by file and by flags. */
@Tag("golden")
class GoldenEditsTest {
  private static final List<String> BACKENDS = List.of("scalar", "reference");

  static Stream<GoldenCase> cases() {
    return GoldenCase.ofKind("interventions");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theFileOfEditsGivesWhatTheReferenceToolsCompute(GoldenCase golden, @TempDir Path folder) {
    int compared = 0;
    for (JsonNode run : golden.inputs().get("runs")) {
      for (String backend : BACKENDS) {
        compared += compare(golden, run, backend, byFile(golden, run), folder);
      }
    }
    assertThat(compared).isEqualTo(BACKENDS.size() * golden.names().size());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void flagsGiveTheBitsOfTheFile(GoldenCase golden, @TempDir Path folder) {
    for (JsonNode run : golden.inputs().get("runs")) {
      for (String backend : BACKENDS) {
        Path byFile = folder.resolve("file.safetensors");
        Path byFlags = folder.resolve("flags.safetensors");
        dump(golden, backend, byFile, byFile(golden, run));
        dump(golden, backend, byFlags, byFlags(golden, run));
        try (Checkpoint expected = Checkpoint.open(byFile);
            Checkpoint actual = Checkpoint.open(byFlags)) {
          assertThat(names(actual)).isEqualTo(names(expected));
          for (String name : names(expected)) {
            assertThat(actual.tensor(name).doubles())
                .as(run.get("name") + " " + name)
                .isEqualTo(expected.tensor(name).doubles());
          }
        }
      }
    }
  }

  private static List<String> names(Checkpoint checkpoint) {
    return checkpoint.tensors().stream().map(StoredTensor::name).toList();
  }

  private static int compare(
      GoldenCase golden, JsonNode run, String backend, List<String> edits, Path folder) {
    Path out = folder.resolve("x.safetensors");
    dump(golden, backend, out, edits);
    String prefix = run.get("name").asText() + "/";
    JsonNode statements = golden.expectation().get("tensors");
    int compared = 0;
    try (Checkpoint expected = golden.expected();
        Checkpoint actual = Checkpoint.open(out)) {
      for (String name : golden.names()) {
        if (name.startsWith(prefix)) {
          assertClose(
              name,
              actual.tensor(name.substring(prefix.length())).doubles(),
              expected.tensor(name).doubles(),
              statements.get(name),
              backend.equals("reference"));
          compared++;
        }
      }
    }
    return compared;
  }

  private static void dump(GoldenCase golden, String backend, Path out, List<String> edits) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "dump",
                "--model",
                golden.model().toString(),
                "--backend",
                backend,
                "--out",
                out.toString()));
    line.addAll(edits);
    Run run = Run.of(line.toArray(String[]::new));
    assertThat(run.code()).as(line + ": " + run.err()).isZero();
  }

  private static List<String> byFile(GoldenCase golden, JsonNode run) {
    String file = golden.folder().resolve("inputs.json").toString();
    return List.of("--edits", file, "--run", run.get("name").asText());
  }

  // ---- the same as flags

  private static List<String> byFlags(GoldenCase golden, JsonNode run) {
    String own = run.get("tokens").asText();
    List<String> line = new ArrayList<>();
    golden.tokens(own).forEach(ids -> line.addAll(List.of("--ids", joined(ids))));
    for (JsonNode edit : run.get("edits")) {
      line.addAll(flags(golden, own, edit));
    }
    return line;
  }

  private static List<String> flags(GoldenCase golden, String own, JsonNode edit) {
    String target = target(edit);
    String file = golden.folder().resolve("inputs.safetensors") + "#";
    return switch (edit.get("op").asText()) {
      case "set" -> List.of("--set", target + "=" + edit.get("value").asText());
      case "scale" -> List.of("--scale", target + "=" + edit.get("value").asText());
      case "set_tensor" -> List.of("--set", target + "=" + file + edit.get("tensor").asText());
      case "add_tensor" -> {
        String scale = edit.has("scale") ? edit.get("scale").asText() + "*" : "";
        yield List.of("--add", target + "=" + scale + file + edit.get("tensor").asText());
      }
      case "mean" -> List.of("--mean", target, "--over", joined(edit.get("over")));
      case "mean_from" -> {
        List<String> line =
            new ArrayList<>(List.of("--mean-from", target, "--over", joined(edit.get("over"))));
        line.addAll(from(golden, edit));
        yield line;
      }
      case "copy_from" -> {
        if (edit.get("tokens").asText().equals(own)) {
          yield List.of("--freeze", target);
        }
        List<String> line = new ArrayList<>(List.of("--patch", target));
        line.addAll(from(golden, edit));
        yield line;
      }
      default -> throw new AssertionError("no flag for " + edit);
    };
  }

  private static List<String> from(GoldenCase golden, JsonNode edit) {
    List<String> line = new ArrayList<>();
    golden
        .tokens(edit.get("tokens").asText())
        .forEach(ids -> line.addAll(List.of("--from-ids", joined(ids))));
    return line;
  }

  private static String target(JsonNode edit) {
    if (!edit.has("where")) {
      return edit.get("site").asText();
    }
    List<String> where = new ArrayList<>();
    for (Map.Entry<String, JsonNode> axis : edit.get("where").properties()) {
      JsonNode at = axis.getValue();
      where.add(axis.getKey() + "=" + (at.isArray() ? joined(at) : at.asText()));
    }
    return edit.get("site").asText() + "[" + String.join(",", where) + "]";
  }

  private static String joined(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.joining(","));
  }

  private static String joined(int... ids) {
    return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
  }
}
