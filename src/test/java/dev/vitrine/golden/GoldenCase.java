package dev.vitrine.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vitrine.weights.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * One folder of golden data: inputs, and what the reference tools compute from them.
 *
 * @param name the folder's name
 * @param kind what is to be done with it
 */
public record GoldenCase(String name, String kind, Path folder) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The folder that the property {@code vitrine.golden} names, or else the project's own copy. */
  public static Path root() {
    return Path.of(System.getProperty("vitrine.golden", "test/resources/golden"));
  }

  /** Every case of the manifest. */
  public static List<GoldenCase> all() {
    List<GoldenCase> cases = new ArrayList<>();
    for (JsonNode entry : read(root().resolve("manifest.json")).get("cases")) {
      String name = entry.get("case").asText();
      cases.add(new GoldenCase(name, entry.get("kind").asText(), root().resolve(name)));
    }
    return cases;
  }

  /** The cases of some kinds. */
  public static Stream<GoldenCase> ofKind(String... kinds) {
    return all().stream().filter(golden -> List.of(kinds).contains(golden.kind));
  }

  public JsonNode inputs() {
    return read(folder.resolve("inputs.json"));
  }

  public JsonNode expectation() {
    return read(folder.resolve("expected.json"));
  }

  public Path model() {
    return folder.resolve("model");
  }

  /** A named matrix of token ids. */
  public List<int[]> tokens(String key) {
    return rows(inputs().get("tokens").get(key));
  }

  public static List<int[]> rows(JsonNode matrix) {
    List<int[]> rows = new ArrayList<>();
    matrix.forEach(row -> rows.add(ints(row)));
    return rows;
  }

  public static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  /** The names of the expected tensors. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    expectation().get("tensors").fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** The tensors of {@code expected.safetensors}. */
  public Checkpoint expected() {
    return Checkpoint.open(folder.resolve("expected.safetensors"));
  }

  /** The same in double precision, where the case has them. */
  public Optional<Checkpoint> expected64() {
    Path file = folder.resolve("expected64.safetensors");
    return Files.exists(file) ? Optional.of(Checkpoint.open(file)) : Optional.empty();
  }

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
