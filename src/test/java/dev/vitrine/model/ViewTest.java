package dev.vitrine.model;

import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.LAYER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Backends;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Views are reversible, share what they do not change, and do not mix. */
@Tag("golden")
class ViewTest {

  private static Gpt2 model(String golden) {
    String path = GoldenCase.root().resolve(golden + "/model").toString();
    return Gpt2.load(path, Backends.open("scalar", 1));
  }

  @Test
  void rawIsAlwaysThereToGoBackTo() {
    try (Gpt2 model = model("forward_b")) {
      Gpt2 folded = model.view(View.FOLDED);
      assertThat(folded.view(View.RAW)).isSameAs(model);
      assertThat(folded.view(View.FOLDED)).isSameAs(folded);
      assertThat(model.view(View.FOLDED)).isSameAs(folded);
      assertThat(folded.hash()).isEqualTo(model.hash());
    }
  }

  @Test
  void whatAStepDoesNotChangeIsShared() {
    try (Gpt2 model = model("forward_b")) {
      Weights raw = model.weights();
      Weights seen = model.view(View.of(View.Step.FOLD_VALUE_BIASES)).weights();
      assertThat(seen.embedding()).isSameAs(raw.embedding());
      assertThat(seen.unembedding()).isSameAs(raw.unembedding());
      assertThat(seen.block(0).qkv()).isSameAs(raw.block(0).qkv());
      assertThat(seen.block(0).attentionOut()).isSameAs(raw.block(0).attentionOut());
      assertThat(seen.block(0).mlp()).isEqualTo(raw.block(0).mlp());
      assertThat(seen.block(0).attentionOutBias()).isNotSameAs(raw.block(0).attentionOutBias());
    }
  }

  @Test
  void tensorsOfTwoViewsDoNotMix() {
    try (Gpt2 model = model("forward_b")) {
      Trace raw = model.trace(model.tokens(1, 2, 3));
      Trace folded = model.view(View.FOLDED).trace(model.tokens(1, 2, 3));
      Tensor stream = raw.tensor(Site.residPost(0));
      Tensor other = folded.tensor(Site.residPost(0));
      assertThatThrownBy(() -> stream.minus(other))
          .hasMessageContaining("blocks.0.hook_resid_post is of the view raw")
          .hasMessageContaining("of the view folded");
      Tensor made = Tensor.stack(List.of(other, other), LAYER.of(2)).mean(LAYER).times(2);
      assertThatThrownBy(() -> stream.dot(made, D_MODEL)).hasMessageContaining("the view folded");
      assertThatThrownBy(() -> Tensor.stack(List.of(stream, other), LAYER.of(2)))
          .hasMessageContaining("view");
      assertThatThrownBy(
              () -> stream.times(model.view(View.FOLDED).parameters().tensor("unembed.W_U")))
          .hasMessageContaining("unembed.W_U");
      assertThat(stream.minus(other.withoutView()).view()).contains(View.RAW);
      assertThat(stream.plus(Tensor.of(new float[] {1})).view()).contains(View.RAW);
      assertThat(stream.maxAbsDifference(other)).isPositive();
    }
  }

  @Test
  void aTensorSaysItsView() {
    try (Gpt2 model = model("forward_b")) {
      Trace folded = model.view(View.FOLDED).trace(model.tokens(1, 2, 3));
      assertThat(folded.tensor(Site.mlpPre(0)).describe())
          .contains("view folded: gain and bias of layer norms stand in the matrices")
          .contains("blocks.0.mlp.W_in")
          .doesNotContain("ln2.w,");
      assertThat(model.trace(model.tokens(1)).tensor(Site.mlpPre(0)).describe())
          .contains("weights as stored")
          .contains("ln2.w,");
    }
  }

  @Test
  void everyWeightHasItsNameAndShape() {
    for (String golden :
        List.of("forward_b", "edge_attn_only", "edge_attn_only_ln", "edge_untied")) {
      try (Gpt2 model = model(golden)) {
        for (View view : List.of(View.RAW, model.applicable(View.FOLDED))) {
          Parameters parameters = model.view(view).parameters();
          for (String name : parameters.names()) {
            Tensor tensor = parameters.tensor(name);
            assertThat(tensor.dimensions().toString())
                .as(name)
                .isEqualTo(parameters.dimensions(name).toString());
            assertThat(tensor.view()).contains(view);
          }
          for (String name : parameters.stackedNames()) {
            assertThat(parameters.tensor(name).dimensions().toString())
                .isEqualTo(parameters.dimensions(name).toString());
          }
        }
      }
    }
  }

  @Test
  void aNameThatIsNotThereIsAnswered() {
    try (Gpt2 model = model("forward_b")) {
      Parameters folded = model.view(View.FOLDED).parameters();
      assertThatThrownBy(() -> folded.tensor("blocks.0.attn.W_q"))
          .hasMessageContaining("blocks.0.attn.W_Q");
      assertThatThrownBy(() -> folded.tensor("ln_final.w"))
          .hasMessageContaining("folded into the matrices behind it in the view folded");
      assertThatThrownBy(() -> folded.tensor(Parameter.W_Q, 9)).hasMessageContaining("layers");
    }
  }

  @Test
  void biasesAccumulate() {
    try (Gpt2 model = model("forward_b")) {
      Parameters parameters = model.parameters();
      Tensor sum = parameters.accumulatedBias(1, true, true);
      double expected =
          parameters.tensor("blocks.0.attn.b_O").get(2)
              + parameters.tensor("blocks.0.mlp.b_out").get(2)
              + parameters.tensor("blocks.1.attn.b_O").get(2);
      assertThat(sum.get(2)).isCloseTo(expected, within(1e-12));
      long count =
          parameters.names().stream()
              .filter(name -> !name.startsWith("unembed."))
              .mapToLong(name -> parameters.tensor(name).elements())
              .sum();
      assertThat(parameters.count()).isEqualTo(count);
    }
  }
}
