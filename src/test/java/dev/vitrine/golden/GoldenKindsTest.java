package dev.vitrine.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The golden set is whole, and what it has that no code here answers to is said. */
@Tag("golden")
class GoldenKindsTest {

  private static final Set<String> ANSWERED =
      Set.of(
          "analysis",
          "forward",
          "forward_tl",
          "padding",
          "patching",
          "processed",
          "circuits",
          "generation",
          "warpers",
          "numerics",
          "tokenizer",
          "formats");

  @Test
  void everyCaseOfTheManifestIsThere() {
    List<GoldenCase> cases = GoldenCase.all();
    assertThat(cases).isNotEmpty();
    for (GoldenCase golden : cases) {
      assertThat(golden.folder().resolve("inputs.json")).isRegularFile();
      assertThat(Files.exists(golden.folder().resolve("expected.json"))).as(golden.name()).isTrue();
    }
  }

  @Test
  void theKindsWithoutCodeAreNamed() {
    Set<String> kinds =
        GoldenCase.all().stream()
            .map(GoldenCase::kind)
            .filter(kind -> !ANSWERED.contains(kind))
            .collect(Collectors.toCollection(TreeSet::new));
    System.out.println("Golden kinds that no code answers to yet: " + String.join(", ", kinds));
    assertThat(kinds).doesNotContainAnyElementsOf(ANSWERED);
  }
}
