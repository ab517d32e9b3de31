package dev.vitrine.trace.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Promise 3: an edit that cannot do what it says is an error, which says what is near. */
@SuppressWarnings("NullAway.Init") // JUnit calls load() first
class EditErrorsTest {
  private static Gpt2 model;
  private static Trace trace;

  @BeforeAll
  static void load() {
    model = Gpt2.load("embedded", Backends.open("scalar", 0));
    trace = model.trace("When Mary and John went to the store, John gave a drink to");
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static void refused(String part, Edit... edits) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trace.with(edits))
        .withMessageContaining(part)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  private static Edit zero(String target) {
    return Edit.zero(Target.of(target));
  }

  @Test
  void aSiteThatDoesNotExistIsAnErrorWithTheNearestNames() {
    refused("blocks.1.attn.hook_z", zero("blocks.1.attn.hook_zz"));
    refused("blocks.1.hook_mlp_out", zero("blocks.1.hook_mlpout[position=0]"));
    refused("no site matches", zero("blocks.*.attn.hook_nothing"));
  }

  @Test
  void anAxisThatTheSiteLacksIsAnErrorThatSaysWhichItHas() {
    refused("query", zero("blocks.1.attn.hook_pattern[position=3]"));
    refused("position, d_model", zero("blocks.1.hook_mlp_out[head=3]"));
  }

  @Test
  void anIndexOutOfRangeIsAnErrorThatSaysTheRange() {
    refused("0 to " + (model.config().heads() - 1), zero("blocks.1.attn.hook_z[head=99]"));
    refused("0 to " + (trace.size() - 1), zero("blocks.1.attn.hook_z[position=99]"));
    refused("-99", zero("blocks.1.hook_mlp_out[position=-99]"));
  }

  @Test
  void anEditThatNothingReadsIsAnError() {
    refused("nothing reads", zero("loss_per_token"));
    // overwritten at its own site
    refused(
        "nothing reads",
        Edit.scale(Target.of("blocks.1.hook_mlp_out"), 2),
        zero("blocks.1.hook_mlp_out"));
    // all that would read it is overwritten
    refused(
        "nothing reads",
        zero("blocks.0.attn.hook_attn_scores"),
        zero("blocks.0.attn.hook_pattern"));
    refused("nothing reads", zero("blocks.0.ln2.hook_scale"), zero("blocks.0.mlp.hook_pre"));
    refused("nothing reads", zero("blocks.1.hook_q_input[head=2]"), zero("blocks.1.attn.hook_q"));
    refused("nothing reads", zero("hook_embed"), zero("blocks.0.hook_resid_pre"));
    refused("nothing reads", zero("ln_final.hook_normalized"), zero("unembed.hook_in"));
    // an overwriting edit made later does the same
    Trace edited = trace.with(zero("blocks.0.mlp.hook_post[d_mlp=3]"));
    assertThat(edited.receipts()).hasSize(1);
  }

  @Test
  void anEditOfWhichAPartIsReadIsNone() {
    trace.with(
        zero("blocks.1.attn.hook_q[position=3]"),
        Edit.set(Target.of("blocks.1.attn.hook_attn_scores[query=3,key=1,2]"), 1));
    trace.with(
        Edit.scale(Target.of("blocks.1.hook_mlp_out"), 2),
        zero("blocks.1.hook_mlp_out[position=3]"));
    trace.with(
        zero("blocks.1.attn.hook_v[head=1]"), zero("blocks.1.attn.hook_z[head=1,position=-1]"));
  }

  @Test
  void aLaterKeyCannotBeSeenWhateverIsSet() {
    refused("after the query", Edit.set(Target.of("blocks.0.attn.hook_pattern[query=2,key=5]"), 1));
    Trace edited = trace.with(Edit.set(Target.of("blocks.0.attn.hook_pattern[key=5]"), 1));
    Tensor pattern = edited.tensor(Site.pattern(0)).at(Axis.KEY, 5);
    assertThat(pattern.at(Axis.QUERY, 4).abs().max().value()).isZero();
    assertThat(pattern.at(Axis.QUERY, 5).min().value()).isEqualTo(1);
  }

  @Test
  void aRowOfScoresThatIsAllMinusInfinityIsNaN() {
    Trace edited =
        trace.with(
            Edit.set(
                Target.of("blocks.0.attn.hook_attn_scores[head=1,query=3]"),
                Double.NEGATIVE_INFINITY));
    Tensor pattern = edited.tensor(Site.pattern(0)).at(Axis.HEAD, 1);
    assertThat(pattern.at(Axis.QUERY, 3).at(Axis.KEY, 0).value()).isNaN();
    assertThat(pattern.at(Axis.QUERY, 2).at(Axis.KEY, 0).value()).isNotNaN();
  }

  @Test
  void valuesThatDoNotFitAreAnErrorThatNamesBothShapes() {
    Target target = Target.of("blocks.1.hook_resid_pre[position=2,3]");
    refused("d_model 5", Edit.set(target, Tensor.of(new float[5], Axis.D_MODEL.of(5))));
    refused("no axis head", Edit.add(target, Tensor.of(new float[2], Axis.HEAD.of(2))));
    refused("position 2", Edit.set(target, Tensor.of(new float[3], Axis.POSITION.of(3))));
  }

  @Test
  void promptsOfUnequalLengthCannotBePatchedWhole() {
    Trace other = model.trace("Mary went");
    refused("as many", Edit.patch(Target.of("blocks.1.hook_resid_pre"), other));
    trace.with(Edit.patch(Target.of("blocks.1.hook_resid_pre[position=1]"), other));
  }

  @Test
  void valuesOfAnotherViewOfTheWeightsAreRefused() {
    Trace folded = model.view(View.FOLDED).trace(trace.tokens());
    refused("view", Edit.patch(Target.of("blocks.1.hook_resid_pre"), folded));
    Tensor direction = folded.tensor(Site.residPre(1)).at(Axis.POSITION, 0);
    refused("view", Edit.add(Target.of("blocks.1.hook_resid_pre"), direction));
  }

  @Test
  void aBatchNamesItsPromptsAndSharesItsMeans() {
    Batch batch = model.traces(List.of(trace.tokens(), model.tokens("Mary gave John a drink")));
    Batch edited =
        batch.with(
            Edit.mean(Target.of("blocks.1.hook_mlp_out"), Axis.BATCH, Axis.POSITION),
            Edit.zero(Target.of("blocks.0.attn.hook_z[batch=1,head=2]")));
    Tensor one = edited.get(0).tensor(Site.mlpOut(1)).at(Axis.POSITION, 0);
    Tensor two = edited.get(1).tensor(Site.mlpOut(1)).at(Axis.POSITION, -1);
    assertThat(one.sameBits(two)).isTrue();
    assertThat(edited.get(0).tensor(Site.z(0)).sameBits(batch.get(0).tensor(Site.z(0)))).isTrue();
    assertThat(edited.get(1).tensor(Site.z(0)).at(Axis.HEAD, 2).abs().max().value()).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batch.with(zero("blocks.0.attn.hook_z[batch=2]")))
        .withMessageContaining("batch 2");
  }

  @Test
  void aTargetIsWrittenAsItIsRead() {
    for (String text :
        List.of(
            "blocks.9.attn.hook_z[head=9,position=-1]",
            "blocks.*.hook_mlp_out[position=3,4]",
            "hook_embed",
            "pattern1[query=5,key=3]")) {
      assertThat(Target.of(text))
          .hasToString(text)
          .isEqualTo(Target.of(Target.of(text).toString()));
    }
    assertThat(Target.of("z1[pos=2..4]")).hasToString("z1[position=2,3,4]");
    for (String broken :
        List.of(
            "",
            "z1[",
            "z1[]]",
            "z1[head]",
            "z1[head=x]",
            "z1[head=3..1]",
            "z1[head=1,head=2]",
            "z1[nose=1]",
            "z1[head=1.5]")) {
      assertThatIllegalArgumentException().as(broken).isThrownBy(() -> Target.of(broken));
    }
  }
}
