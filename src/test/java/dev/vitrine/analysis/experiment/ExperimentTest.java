package dev.vitrine.analysis.experiment;

import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.generate.Generation;
import dev.vitrine.generate.Sampling;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.RandomEdits;
import dev.vitrine.trace.RandomGpt2;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Operation;
import dev.vitrine.trace.edit.Target;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is kept can be run again, on any backend of its precision, to the same bits. */
@SuppressWarnings("NullAway.Init")
class ExperimentTest {
  private static final Target RESID = Target.of("blocks.1.hook_resid_pre");

  @TempDir static Path folder;
  private static String path;
  private static Gpt2 simd;
  private static Gpt2 scalar;
  private static Gpt2 reference;

  @BeforeAll
  static void load() throws IOException {
    path = new RandomGpt2(2, 3, 5, 17, 20, 40).write(folder, new Random(5)).toString();
    simd = Gpt2.load(path, Backends.open("simd", 1));
    scalar = Gpt2.load(path, Backends.open("scalar", 1));
    reference = Gpt2.load(path, Backends.open("reference", 1));
  }

  @AfterAll
  static void close() {
    simd.close();
    scalar.close();
    reference.close();
  }

  private static Batch plain(Gpt2 model) {
    return model.traces(List.of(model.tokens(1, 2, 3, 4, 5), model.tokens(9, 8, 7, 6, 5)));
  }

  private static Batch other(Gpt2 model) {
    return model.traces(List.of(model.tokens(11, 2, 13, 4, 15), model.tokens(9, 18, 7, 16, 5)));
  }

  private static Path file(String name) {
    return folder.resolve(name + ".json");
  }

  private static Experiment save(String name, Batch run) {
    return Experiment.save(run, file(name), run.get(0).sites(), false);
  }

  /** Saved with one backend, run again on the other. */
  private static void survives(String name, Edit... edits) {
    Batch run = plain(simd).with(edits);
    Experiment kept = save(name, run);
    assertThat(kept.replay(simd)).hasToString("identical, " + run.get(0).sites().size() + " sites");
    assertThat(kept.replay(scalar).isIdentical()).isTrue();
    Batch again = kept.run(scalar);
    for (int i = 0; i < run.size(); i++) {
      assertThat(again.get(i).fingerprint()).isEqualTo(run.get(i).fingerprint());
    }
  }

  @Test
  void everyKindOfEditSurvives() {
    double[] wide = new Random(1).doubles(5 * 15, -1, 1).toArray();
    survives("none");
    survives("fill", Edit.set(RESID.at(POSITION, 1, -1), 0.1), Edit.scale(RESID, -0.3));
    survives(
        "infinite",
        Edit.set(
            Target.of("blocks.0.attn.hook_attn_scores[query=4,key=2]"), Double.NEGATIVE_INFINITY));
    survives(
        "inline",
        Edit.add(Target.of(Site.z(1)), Tensor.of(new double[] {.1, -3, 5}, HEAD.of(3)), 2));
    survives(
        "large", Edit.set(RESID.at(BATCH, 1), Tensor.of(wide, POSITION.of(5), D_MODEL.of(15))));
    survives("mean", Edit.mean(RESID, BATCH, POSITION), Edit.mean(Target.of(Site.z(0)), HEAD));
    survives("patch", Edit.patch(Target.of(Site.z(1)).at(HEAD, 2), other(simd)));
    survives("one", Edit.patch(RESID.at(POSITION, 2), other(simd).get(1)));
    survives("pooled", Edit.mean(RESID, other(simd), BATCH, POSITION));
    survives("resampled", Edit.resample(RESID, other(simd), 3));
    survives("star", Edit.zero(Target.of("blocks.*.hook_mlp_out[position=2]")));
  }

  @Test
  void aFloatWhoseDecimalsAreManySurvives() {
    float[] values = new float[15];
    Random random = new Random(2);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    survives("floats", Edit.add(RESID, Tensor.of(values, D_MODEL.of(15))));
  }

  @Test
  void aSourceThatIsEditedItselfSurvives() {
    Batch sender = other(simd).with(Edit.zero(Target.of(Site.z(0)).at(HEAD, 1)));
    survives("path", Edit.patch(Target.of("blocks.1.hook_q_input[head=0]"), sender));
  }

  @Test
  void anythingRandomSurvivesOrIsRefused() throws IOException {
    Random random = new Random(11);
    int kept = 0;
    for (int attempt = 0; attempt < 12; attempt++) {
      Trace trace = simd.trace(simd.tokens(random.ints(6, 0, 40).toArray()));
      List<Edit> edits = new RandomEdits(trace, random).some();
      Batch run = new Batch(List.of(trace.with(edits)));
      if (edits.stream().anyMatch(edit -> edit.operation() instanceof Operation.Compute)) {
        assertThatThrownBy(() -> save("random", run)).hasMessageContaining("function of Java's");
      } else {
        assertThat(save("random", run).replay(scalar).isIdentical()).isTrue();
        kept++;
      }
    }
    assertThat(kept).isGreaterThan(3);
  }

  @Test
  void theFileIsReadByEditsFileToo() {
    Edit patch = Edit.patch(Target.of(Site.z(0)), other(simd));
    save("edits", plain(simd).with(Edit.scale(RESID, 2), patch));
    EditsFile edits = EditsFile.read(file("edits"), null);
    assertThat(edits.prompts(scalar))
        .contains(List.of(scalar.tokens(1, 2, 3, 4, 5), scalar.tokens(9, 8, 7, 6, 5)));
    assertThat(edits.edits(scalar)).hasSize(2);
  }

  @Test
  void unequalPromptsAreKeptTogether() {
    Batch run =
        simd.traces(List.of(simd.tokens(1), simd.tokens(1, 2, 3))).with(Edit.scale(RESID, 2));
    assertThat(save("unequal", run).replay(scalar).isIdentical()).isTrue();
    assertThat(Experiment.save(run, file("unequal"), run.get(0).sites(), true).replay(scalar))
        .matches(Replay::isIdentical);
  }

  @Test
  void theViewBelongsToIt() {
    Batch run = plain(simd.view(View.FOLDED)).with(Edit.zero(RESID.at(POSITION, 0)));
    Experiment kept = save("view", run);
    assertThat(kept.view()).isEqualTo(View.FOLDED);
    assertThat(kept.replay(scalar).isIdentical()).isTrue();
  }

  @Test
  void precisionsAreKeptApart() {
    Experiment kept = save("f64", plain(reference).with(Edit.scale(RESID, 2)));
    assertThat(kept.replay(reference).isIdentical()).isTrue();
    assertThatThrownBy(() -> kept.replay(scalar)).hasMessageContaining("--backend reference");
  }

  @Test
  void whatRoundsInItsOwnWayIsReplayedWithItselfOnly() throws IOException {
    Experiment kept = save("own", plain(scalar));
    assertThat(kept.replayedWith()).isEqualTo("auto");
    String text = Files.readString(file("own"));
    Files.writeString(file("own"), text.replace("\"scalar\"", "\"cuda-f16\""));
    Experiment own = Experiment.read(file("own"));
    assertThat(own.backend()).isEqualTo("cuda-f16");
    assertThatThrownBy(() -> own.replay(scalar))
        .hasMessageContaining("was saved with cuda-f16, whose bits are others")
        .hasMessageEndingWith("replay it with --backend cuda-f16");
    Backend named =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (proxy, method, arguments) ->
                    method.getName().equals("name")
                        ? "cuda-f16"
                        : method.invoke(scalar.backend(), arguments));
    Gpt2 other = Gpt2.load(path, named);
    assertThat(own.replay(other).isIdentical()).isTrue();
    assertThatThrownBy(() -> kept.replay(other))
        .hasMessageContaining("was saved with scalar, whose bits are others than those of cuda-f16")
        .hasMessageEndingWith("replay it with --backend auto");
  }

  @Test
  void aPlantedDifferenceIsFoundAtItsFirstElement() throws IOException {
    Target z = Target.of("blocks.1.attn.hook_z[head=2,position=3]");
    Batch run = plain(simd).with(Edit.set(z.at(BATCH, 1), 0.25));
    Experiment.save(run, file("planted"), List.of(Site.z(1), Site.k(1), Site.logits()), true);
    String text = Files.readString(file("planted"));
    Files.writeString(file("planted"), text.replace("\"value\":0.25", "\"value\":0.5"));
    Replay replay = Experiment.read(file("planted")).replay(scalar);
    assertThat(replay.different()).containsExactly(Site.z(1), Site.logits());
    assertThat(replay)
        .hasToString(
            "differs first at blocks.1.attn.hook_z of prompt 1: saved 0.25 against 0.5 at"
                + " [position 3, head 2, d_head 0]; 2 of 3 sites differ");
  }

  @Test
  void withoutValuesMarksSayInWhichPositionsAndHeads() throws IOException {
    Target z = Target.of("blocks.1.attn.hook_z[head=2,position=3]");
    Batch run = plain(simd).with(Edit.set(z.at(BATCH, 1), 0.25));
    Experiment.save(run, file("marked"), List.of(Site.z(1), Site.k(1), Site.logits()), false);
    String text = Files.readString(file("marked"));
    Files.writeString(file("marked"), text.replace("\"value\":0.25", "\"value\":0.5"));
    assertThat(Experiment.read(file("marked")).replay(scalar))
        .hasToString(
            "differs first at blocks.1.attn.hook_z[position=3,head=2] of prompt 1;"
                + " 2 of 3 sites differ");
  }

  @Test
  void neighboursAmongManyPositionsShareMarks() {
    Random random = new Random(3);
    double[] elements = random.doubles(200 * 2 * 3).toArray();
    Tensor before = Tensor.of(elements, POSITION.of(200), HEAD.of(2), D_HEAD.of(3));
    String marks = SiteHash.marks(before);
    assertThat(marks).hasSize(8 * (64 + 2));
    assertThat(SiteHash.place(before, marks, marks)).isEmpty();
    for (int position : new int[] {0, 1, 150, 199}) {
      double[] other = elements.clone();
      other[position * 6 + 4] += 1e-9; // head 1
      Tensor now = Tensor.of(other, POSITION.of(200), HEAD.of(2), D_HEAD.of(3));
      String place = SiteHash.place(now, marks, SiteHash.marks(now)).orElseThrow();
      assertThat(place).endsWith("head=1]");
      String[] ends = place.replaceAll(".*position=([0-9.]+),.*", "$1").split("\\.\\.", -1);
      assertThat(position)
          .isBetween(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
    }
  }

  // ---- continued

  private static Generation continued(Sampling sampling, Edit... edits) {
    return Generation.run(simd.trace(simd.tokens(1, 2, 3)).with(edits), sampling);
  }

  private static Experiment save(String name, Generation generation, Sampling sampling) {
    List<Site> sites = generation.trace().sites();
    return Experiment.save(generation, sampling, file(name), sites, false, site -> {});
  }

  @Test
  void aGenerationIsChosenAgainToTheBit() {
    Sampling drawn =
        Sampling.builder().temperature(1.3).topK(20).topP(0.9).seed(-7L << 55).maxNew(9).build();
    Sampling greedy =
        Sampling.builder().greedy(true).frequencyPenalty(0.5).stop(39, 5).maxNew(6).build();
    Edit steer = Edit.add(RESID, Tensor.of(new double[] {.5}, D_MODEL.of(1)));
    Edit mean = Edit.mean(Target.of(Site.z(0)), POSITION);
    for (Sampling sampling : List.of(drawn, greedy)) {
      for (Edit[] edits : new Edit[][] {{}, {steer, mean}}) {
        Generation generation = continued(sampling, edits);
        Experiment kept = save("continued", generation, sampling);
        int added = generation.ids().length;
        assertThat(kept.isContinued()).isTrue();
        assertThat(kept.replay(scalar))
            .hasToString(
                "identical, %d new token%s and %d sites"
                    .formatted(added, added == 1 ? "" : "s", generation.trace().sites().size()));
        assertThat(kept.run(scalar).get(0).fingerprint())
            .isEqualTo(generation.trace().fingerprint());
      }
    }
  }

  @Test
  void anotherTokenIsSaidFirst() throws IOException {
    Sampling sampling = Sampling.builder().seed(3).temperature(4).maxNew(8).build();
    Generation generation = continued(sampling);
    save("seed", generation, sampling);
    String text = Files.readString(file("seed"));
    Files.writeString(file("seed"), text.replace("\"seed\" : 3", "\"seed\" : 4"));
    Replay replay = Experiment.read(file("seed")).replay(simd);
    assertThat(replay.isIdentical()).isFalse();
    Replay.Continued tokens = replay.continued().orElseThrow();
    assertThat(tokens.saved().ids()).isEqualTo(generation.ids());
    assertThat(replay.toString()).startsWith("new token " + tokens.first() + " was ");
  }

  @Test
  void aGenerationThatWasCutGoesAsFarAsItWent() {
    Sampling sampling = Sampling.builder().maxNew(12).build();
    int[] steps = {0};
    Generation cut =
        Generation.run(
            simd.trace(simd.tokens(1, 2)), sampling, (trace, id) -> {}, () -> ++steps[0] > 4);
    assertThat(cut.reason()).isEqualTo(Generation.Reason.CANCELLED);
    assertThat(save("cut", cut, sampling).replay(scalar).toString())
        .startsWith("identical, 4 new tokens");
  }

  @Test
  void progressIsToldEachSiteTwice() {
    Batch run = plain(simd);
    int[] told = {0};
    List<Site> sites = run.get(0).sites();
    Experiment kept = Experiment.save(run, file("progress"), sites, false, site -> told[0]++);
    assertThat(told[0]).isEqualTo(2 * 2 * sites.size());
    assertThat(kept.comparisons()).isEqualTo(2 * sites.size());
  }

  @Test
  void aHashAloneSaysWhichTensor() throws IOException {
    save("hash", plain(simd).with(Edit.zero(RESID)));
    String text = Files.readString(file("hash"));
    Trace first = plain(simd).with(Edit.zero(RESID)).get(0);
    String hash = first.fingerprints(List.of(Site.q(1))).getOrDefault(Site.q(1), "");
    Files.writeString(file("hash"), text.replace(hash, "0"));
    assertThat(Experiment.read(file("hash")).replay(simd).toString())
        .startsWith("differs first at blocks.1.attn.hook_q: the file keeps no values")
        .endsWith("1 of " + plain(simd).get(0).sites().size() + " sites differ");
  }

  @Test
  void whatCannotBeKeptIsRefused() {
    Edit doubled = Edit.compute(RESID, x -> x.times(2));
    assertThatThrownBy(() -> save("lambda", plain(simd).with(doubled)))
        .hasMessageContaining("cannot be kept in a file");
    assertThat(file("lambda")).doesNotExist();
    Trace mean = plain(simd).get(0).with(Edit.mean(RESID, POSITION)).extended(3);
    assertThatThrownBy(() -> save("extended", new Batch(List.of(mean))))
        .hasMessageContaining("before they are extended");
    assertThat(file("extended")).doesNotExist();
    Batch plain = plain(simd);
    Batch mixed = new Batch(List.of(plain.get(0), plain.get(1).with(Edit.zero(RESID))));
    assertThatThrownBy(() -> save("mixed", mixed)).hasMessageContaining("different edits");
    assertThatThrownBy(
            () -> Experiment.save(plain, folder.resolve("x.txt"), plain.get(0).sites(), false))
        .hasMessageContaining("ends in .json");
  }

  @Test
  void anotherModelIsRefused() throws IOException {
    Experiment kept = save("model", plain(simd).with(Edit.zero(RESID)));
    Path elsewhere = Files.createDirectories(folder.resolve("other"));
    new RandomGpt2(2, 3, 5, 17, 20, 40).write(elsewhere, new Random(6));
    try (Gpt2 other = Gpt2.load(elsewhere.toString(), Backends.open("scalar", 1))) {
      assertThatThrownBy(() -> kept.replay(other))
          .hasMessageContaining("replay it with that model");
    }
  }
}
