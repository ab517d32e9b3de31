package dev.vitrine.analysis.patching;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.POSITION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.analysis.patching.edges.Edge;
import dev.vitrine.analysis.patching.edges.EdgeEffects;
import dev.vitrine.analysis.patching.edges.EdgePatching;
import dev.vitrine.analysis.patching.edges.Receiver;
import dev.vitrine.analysis.patching.edges.Sender;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Indirect object identification on the built-in model: who carries the name? */
@SuppressWarnings("NullAway.Init") // JUnit calls load() first
class PatchingTest {
  private static Gpt2 model;
  private static Batch clean;
  private static Batch corrupted;
  private static Metric difference;

  @BeforeAll
  static void load() {
    model = Gpt2.load("embedded");
    clean =
        model.traces(
            List.of(
                model.tokens("When Mary and John went to the store, John gave a drink to"),
                model.tokens("When John and Mary went to the park, Mary gave a book to")));
    corrupted =
        model.traces(
            List.of(
                model.tokens("When Mary and John went to the store, Mary gave a drink to"),
                model.tokens("When John and Mary went to the park, John gave a book to")));
    int mary = model.tokens(" Mary").id(0);
    int john = model.tokens(" John").id(0);
    difference = Metric.logitDifference(List.of(new int[] {mary, john}, new int[] {john, mary}));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static Patching denoising() {
    return Patching.denoising(clean, corrupted, difference.normalized(corrupted, clean));
  }

  @Test
  void everyElementIsTheMetricOfOneEditedRun() {
    Metric metric = difference.normalized(corrupted, clean);
    Tensor swept = denoising().attnHeadOutByPos();
    Random random = new Random(3);
    for (int i = 0; i < 12; i++) {
      int layer = random.nextInt(swept.size(LAYER));
      int position = random.nextInt(swept.size(POSITION));
      int head = random.nextInt(swept.size(HEAD));
      Edit edit = Edit.patch(Site.z(layer).at(POSITION, position).at(HEAD, head), clean);
      Batch whole =
          Batch.run(
              model,
              corrupted.traces().stream().map(trace -> trace.tokens()).toList(),
              List.of(edit),
              List.of());
      assertThat(swept.get(layer, position, head)).isEqualTo(metric.of(whole));
    }
  }

  @Test
  void theStreamAtTheEndCarriesTheAnswerAndAtTheBeginningTheName() {
    Tensor swept = denoising().residPre();
    int last = swept.size(POSITION) - 1;
    int name = 9; // the second mention, where the prompts differ
    assertThat(swept.get(0, name)).isEqualTo(1, within(1e-9));
    assertThat(swept.get(swept.size(LAYER) - 1, last)).isGreaterThan(0.8);
    assertThat(swept.get(0, last)).isEqualTo(0, within(1e-9));
    assertThat(swept.get(swept.size(LAYER) - 1, 0)).isEqualTo(0, within(1e-9));
  }

  @Test
  void theWholeOfTheOtherRunIsTheOtherRun() {
    Tensor all =
        new Sweep(
                corrupted,
                List.of(LAYER.of(1)),
                _ -> List.of(Edit.patch(Target.of(Site.residPre(0)), clean)))
            .run(difference);
    assertThat(all.get(0)).isEqualTo(difference.of(clean));
  }

  @Test
  void positionsAreLabelledWhereThePromptsAgree() {
    List<String> labels = denoising().residPre().labels(POSITION);
    assertThat(labels.get(0)).isEqualTo("When");
    assertThat(labels.get(1)).isEqualTo("1");
  }

  @Test
  void progressIsToldAndAnInterruptHeeded() {
    List<Long> done = new ArrayList<>();
    denoising().watchedBy((now, all) -> done.add(now)).attnHeadOutByPos();
    assertThat(done).isSorted().endsWith(4L * 14 * 8);
    assertThatThrownBy(() ->
            denoising()
                .watchedBy((now, all) -> Thread.currentThread().interrupt())
                .attnHeadPatternDestSrcPos())
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void metricsAgreeWithTheTraces() {
    int[] mary = {model.tokens(" Mary").id(0)};
    double probability =
        (clean.get(0).predictions().probabilities().get(mary[0])
                + clean.get(1).predictions().probabilities().get(mary[0]))
            / 2;
    assertThat(Metric.probability(mary).of(clean)).isEqualTo(probability, within(1e-6));
    assertThat(Metric.loss().of(clean)).isEqualTo(clean.loss());
    assertThat(Metric.kl(clean).of(clean)).isEqualTo(0, within(1e-12));
    assertThat(Metric.kl(clean).of(corrupted)).isGreaterThan(1);
    Metric mine = Metric.of("mine", batch -> batch.get(1).logits(-1).get(mary[0]));
    assertThat(Metric.logit(mary).of(new Batch(List.of(clean.get(1))))).isEqualTo(mine.of(clean));
  }

  @Test
  void promptsThatDoNotMatchAreRefused() {
    Batch shorter = model.traces(List.of(model.tokens("Hello"), model.tokens("Hello")));
    assertThatThrownBy(() -> Patching.of(clean, shorter, difference))
        .hasMessageContaining("14 and 1 tokens");
    assertThatThrownBy(() -> Patching.of(clean, new Batch(List.of(clean.get(0))), difference))
        .hasMessageContaining("2 prompts to patch and 1");
    assertThatThrownBy(() -> difference.normalized(clean, clean))
        .hasMessageContaining("nothing to");
    assertThatThrownBy(() ->
            PathPatching.of(clean, corrupted, difference).toHeads(PathPatching.Through.Q, 0, 1))
        .hasMessageContaining("no head comes before");
    assertThatThrownBy(() -> new EdgePatching(clean, clean, difference))
        .hasMessageContaining("nothing to");
  }

  // ---- edges

  @Test
  void everyEdgeIsItsFullRunToTheBit() {
    EdgePatching patching = new EdgePatching(clean, corrupted, difference);
    List<Edge> edges = new ArrayList<>(patching.edges());
    Collections.shuffle(edges, new Random(5));
    List<Edge> some = edges.subList(0, 200);
    EdgeEffects effects = patching.run(some, Sweep.Progress.NONE);
    for (int i = 0; i < some.size(); i++) {
      Batch whole =
          Batch.run(
              model,
              clean.traces().stream().map(trace -> trace.tokens()).toList(),
              List.of(patching.edits(some.get(i))),
              List.of());
      assertThat(effects.values()[i]).as(some.get(i).toString()).isEqualTo(difference.of(whole));
    }
  }

  @Test
  void aModelHasAsManyEdgesAsItsShapeSays() {
    int layers = model.config().layers();
    int heads = model.config().heads();
    int expected = 0;
    for (int layer = 0; layer < layers; layer++) {
      int before = 1 + layer * (heads + 1);
      expected += 3 * heads * before + before + heads;
    }
    expected += 1 + layers * (heads + 1);
    assertThat(new EdgePatching(clean, corrupted, difference).edges()).hasSize(expected);
    assertThatThrownBy(() -> new Edge(Sender.mlp(1), new Receiver(Receiver.Kind.Q, 1, 0)))
        .hasMessageContaining("no edge");
  }

  @Test
  void edgesToTheLogitsAreTheDirectPath() {
    EdgePatching patching = new EdgePatching(clean, corrupted, difference);
    List<Edge> edges =
        patching.edges().stream()
            .filter(edge -> edge.to().kind() == Receiver.Kind.LOGITS)
            .filter(edge -> edge.from().kind() == Sender.Kind.HEAD)
            .toList();
    double[] values = patching.run(edges, Sweep.Progress.NONE).values();
    Tensor direct = PathPatching.of(clean, corrupted, difference).direct().toFinalResid();
    for (int i = 0; i < values.length; i++) {
      Sender from = edges.get(i).from();
      assertThat(values[i]).isEqualTo(direct.get(from.layer(), from.head()), within(1e-3));
    }
  }

  @Test
  void aCircuitIsDrawn() {
    EdgePatching patching = new EdgePatching(clean, corrupted, difference);
    List<Edge> edges = patching.edges().subList(0, 60);
    EdgeEffects effects = patching.run(edges, Sweep.Progress.NONE);
    assertThat(effects.svg(10)).startsWith("<svg").contains("embed").contains("</svg>");
    assertThat(effects.csv().lines()).hasSize(61);
    assertThat(effects.headToHead(Receiver.Kind.Q).axes())
        .containsExactly(LAYER, HEAD, Axis.LAYER2, Axis.HEAD2);
  }
}
