package dev.vitrine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A dump holds every site under its names, to the bit. */
@Tag("golden")
class DumpTest {

  static Stream<GoldenCase> cases() {
    return GoldenCase.ofKind("forward", "forward_tl");
  }

  private static Run dump(
      Path out, String model, String backend, List<int[]> prompts, String... more) {
    List<String> line =
        new ArrayList<>(
            List.of("dump", "--model", model, "--backend", backend, "--out", out.toString()));
    for (int[] ids : prompts) {
      line.add("--ids");
      line.add(Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(",")));
    }
    line.addAll(List.of(more));
    return Run.of(line.toArray(String[]::new));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everySiteIsTheTracesOwnToTheBit(GoldenCase golden, @TempDir Path folder) {
    for (String backend : List.of("reference", "scalar")) {
      Path out = folder.resolve(backend + ".safetensors");
      Run run = dump(out, golden.model().toString(), backend, golden.tokens("main"));
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.out()).isEmpty();
      try (Gpt2 model = Gpt2.load(golden.model().toString(), Backends.open(backend, 1));
          Checkpoint dumped = Checkpoint.open(out)) {
        Batch batch = model.traces(golden.tokens("main").stream().map(model::tokens).toList());
        int names = 0;
        for (Site site : Site.all(model.config())) {
          Tensor expected = batch.tensor(site);
          for (String name : site.names(model.config())) {
            names++;
            StoredTensor stored = dumped.tensor(name);
            assertThat(stored.dtype()).isEqualTo(expected.isDouble() ? Dtype.F64 : Dtype.F32);
            assertThat(stored.shape().stream().mapToInt(Long::intValue).toArray())
                .as(name)
                .isEqualTo(expected.shape());
            assertThat(stored.doubles()).as(name).isEqualTo(expected.doubles());
          }
        }
        assertThat(dumped.tensors()).hasSize(names);
        assertThat(dumped.metadata()).containsEntry("backend", backend).containsKey("config");
      }
    }
  }

  @Test
  void unequalPromptsHaveNamesOfTheirOwn(@TempDir Path folder) {
    Path out = folder.resolve("x.safetensors");
    String model = GoldenCase.root().resolve("forward_a/model").toString();
    List<int[]> prompts = List.of(new int[] {5, 3, 8}, new int[] {7});
    Run run = dump(out, model, "scalar", prompts, "--sites", "*pattern", "--sites", "logits");
    assertThat(run.code()).as(run.err()).isZero();
    try (Checkpoint dumped = Checkpoint.open(out)) {
      assertThat(dumped.tensor("0/logits").shape().subList(0, 2)).containsExactly(1L, 3L);
      assertThat(dumped.tensor("1/logits").shape().subList(0, 2)).containsExactly(1L, 1L);
      assertThat(dumped.find("0/blocks.0.attn.hook_pattern")).isPresent();
      assertThat(dumped.find("0/unembed.hook_out")).isEmpty();
    }
  }

  @Test
  void npzIsAnArchive(@TempDir Path folder) {
    Path out = folder.resolve("x.npz");
    String model = GoldenCase.root().resolve("forward_a/model").toString();
    Run run = dump(out, model, "reference", List.of(new int[] {5}), "--json");
    assertThat(run.code()).isZero();
    assertThat(run.json().get("dtype").asText()).isEqualTo("F64");
    assertThat(Files.exists(out)).isTrue();
  }

  @Test
  void weightsAreThoseOfTheViewAndNeedNoPrompt(@TempDir Path folder) {
    String path = GoldenCase.root().resolve("forward_b/model").toString();
    Path out = folder.resolve("w.safetensors");
    Run run = dump(out, path, "scalar", List.of(), "--weights", "--view", "folded");
    assertThat(run.code()).as(run.err()).isZero();
    try (Gpt2 model = Gpt2.load(path, Backends.open("scalar", 1)).view(View.FOLDED);
        Checkpoint dumped = Checkpoint.open(out)) {
      List<String> names = model.parameters().names();
      assertThat(dumped.tensors()).hasSize(names.size());
      assertThat(dumped.metadata()).containsEntry("view", "folded");
      for (String name : names) {
        Tensor expected = model.parameters().tensor(name);
        assertThat(dumped.tensor(name).shape().stream().mapToInt(Long::intValue).toArray())
            .isEqualTo(expected.shape());
        assertThat(dumped.tensor(name).doubles()).as(name).isEqualTo(expected.doubles());
      }
    }
  }

  @Test
  void aGlobThatNoSiteHasMayNameWeights(@TempDir Path folder) {
    String path = GoldenCase.root().resolve("forward_b/model").toString();
    Path out = folder.resolve("w.safetensors");
    List<int[]> prompt = List.of(new int[] {1, 2});
    Run run = dump(out, path, "scalar", prompt, "--sites", "*.attn.W_?", "--sites", "W_E");
    assertThat(run.code()).as(run.err()).isZero();
    try (Checkpoint dumped = Checkpoint.open(out)) {
      assertThat(dumped.find("blocks.0.attn.W_Q")).isPresent();
      assertThat(dumped.find("W_E")).isPresent();
      assertThat(dumped.find("blocks.0.attn.hook_q")).isEmpty();
    }
    Run wrong = dump(out, path, "scalar", prompt, "--sites", "*.attn.W_X");
    assertThat(wrong.code()).isOne();
    assertThat(wrong.err()).contains("no site matches");
  }

  @Test
  void aViewThatDoesNotApplyIsSaid(@TempDir Path folder) {
    String path = GoldenCase.root().resolve("edge_attn_only/model").toString();
    Path out = folder.resolve("w.safetensors");
    Run run = dump(out, path, "scalar", List.of(new int[] {1}), "--view", "folded");
    assertThat(run.code()).isZero();
    assertThat(run.err())
        .contains("the view is center_unembed,fold_value_biases: fold_ln: the model has no layer");
    assertThat(dump(out, path, "scalar", List.of(), "--weights", "--view", "bent").code())
        .isEqualTo(2);
  }
}
