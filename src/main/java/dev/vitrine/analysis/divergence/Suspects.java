package dev.vitrine.analysis.divergence;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.analysis.formula.Computed;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** The usual reasons for which one computation differs from another; each is tried. */
final class Suspects {
  private final Trial trial;
  private final Conventions conventions;
  private final AlteredWeights altered;

  Suspects(Judge judge, Trace truth, Site site) {
    this.trial = new Trial(judge, truth, site);
    this.conventions = new Conventions(trial);
    this.altered = new AlteredWeights(trial);
  }

  /** Everything that was tried, what explains best first; of equals the simplest, tried first. */
  List<Cause> tried() {
    views();
    switch (trial.site.hook()) {
      case EMBED -> {
        otherTokens();
        conventions.table();
        altered.single(Parameter.W_E);
      }
      case POS_EMBED -> {
        conventions.positions();
        altered.single(Parameter.W_POS);
      }
      case LN1_SCALE, LN2_SCALE, LN_FINAL_SCALE -> conventions.scales();
      case LN1_NORMALIZED, LN2_NORMALIZED, LN_FINAL_NORMALIZED -> conventions.normalized();
      case Q -> projection(Parameter.W_Q, Parameter.B_Q);
      case K -> projection(Parameter.W_K, Parameter.B_K);
      case V -> projection(Parameter.W_V, Parameter.B_V);
      case ATTN_SCORES -> conventions.scores();
      case PATTERN -> conventions.pattern();
      case RESULT -> {
        altered.transposedHeads(Parameter.W_O);
        altered.weights(Parameter.W_O, trial.parent(Site.z(trial.layer)), D_HEAD);
      }
      case ATTN_OUT -> altered.bias(Parameter.B_O);
      case MLP_PRE -> neurons();
      case MLP_POST -> conventions.activations();
      case MLP_OUT -> {
        altered.bias(Parameter.B_OUT);
        altered.weights(Parameter.W_OUT, trial.parent(Site.mlpPost(trial.layer)), D_MLP);
      }
      case LOGITS -> logits();
      default -> {}
    }
    heads();
    otherParents();
    trial.causes.sort(Comparator.comparingDouble(cause -> Math.max(1, cause.error())));
    return trial.causes;
  }

  // ---- the whole run

  /** Other views of the weights: what TransformerLens does when it loads a model. */
  private void views() {
    Gpt2 model = trial.truth.model();
    if (!trial.judge.side().hasWeightsOfItsOwn()
        || trial.judge.errorAgainst(trial.truth, trial.site) <= 1) {
      return;
    }
    Set<View> views = new LinkedHashSet<>();
    for (View.Step step : View.Step.values()) {
      views.add(model.applicable(View.of(step)));
    }
    views.add(model.applicable(View.of(View.Step.FOLD_LN, View.Step.CENTER_WRITING_WEIGHTS)));
    views.add(model.applicable(View.FOLDED));
    views.add(View.RAW);
    views.remove(model.view());
    for (View view : views) {
      Trace run = model.view(view).trace(trial.truth.tokens());
      double error = trial.judge.errorAgainst(run, trial.site);
      int agreeing = 0;
      int all = 0;
      for (Site each : trial.truth.sites()) {
        if (trial.judge.side().has(each)) {
          all++;
          agreeing += error <= 1 && trial.judge.errorAgainst(run, each) <= 1 ? 1 : 0;
        }
      }
      String how = error <= 1 ? " (%d of %d sites agree)".formatted(agreeing, all) : "";
      trial.causes.add(new Cause("the weights are of the view " + view + how, error, agreeing));
    }
    trial.causes.sort(Comparator.comparingInt(cause -> -cause.agreeing()));
  }

  /** Whether rows of the table were read that belong to other tokens. */
  private void otherTokens() {
    Tensor table = trial.weight(Parameter.W_E).permute(VOCAB, D_MODEL);
    double[] rows = trial.found.permute(POSITION, D_MODEL).doubles();
    double[] off = trial.off().max(D_MODEL).doubles();
    double[] all = table.doubles();
    int[] ids = trial.truth.tokens().ids();
    int width = trial.config.dModel();
    int first = -1;
    int others = 0;
    for (int p = 0; p < ids.length; p++) {
      if (off[p] > 0) {
        ids[p] = nearest(all, rows, p * width, width);
        others += first < 0 ? 0 : 1;
        first = first < 0 ? p : first;
      }
    }
    if (first >= 0) {
      String more = others == 0 ? "" : ", and %d more are another's".formatted(others);
      trial.suspect(
          "position %d has the embedding of token %d, \"%s\"%s"
              .formatted(first, ids[first], trial.truth.model().piece(ids[first]), more),
          usually -> table.at(VOCAB, ids).rename(VOCAB, POSITION));
    }
  }

  private static int nearest(double[] table, double[] rows, int from, int width) {
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int id = 0; id < table.length / width; id++) {
      double distance = 0;
      for (int i = 0; i < width && distance < least; i++) {
        double d = table[id * width + i] - rows[from + i];
        distance += d * d;
      }
      if (distance < least) {
        least = distance;
        nearest = id;
      }
    }
    return nearest;
  }

  // ---- what weights are read

  private void projection(Parameter matrix, Parameter bias) {
    for (Parameter other : List.of(Parameter.W_Q, Parameter.W_K, Parameter.W_V)) {
      if (other != matrix) {
        Hook hook = other == Parameter.W_Q ? Hook.Q : other == Parameter.W_K ? Hook.K : Hook.V;
        trial.suspect(
            "%s is taken for %s".formatted(other.stackedName(), matrix.stackedName()),
            trial.formulas.of(Site.of(hook, trial.layer)));
      }
    }
    altered.bias(bias);
    altered.transposedHeads(matrix);
    Tensor x = attentionInput();
    altered.weights(matrix, x, D_MODEL);
    altered.gains(matrix, Parameter.LN1_W, Parameter.LN1_B, Site.ln1Normalized(trial.layer));
  }

  private Tensor attentionInput() {
    if (!trial.config.layerNorm()) {
      return trial.parent(Site.residPre(trial.layer));
    }
    return affine(Site.ln1Normalized(trial.layer), Parameter.LN1_W, Parameter.LN1_B);
  }

  private Tensor affine(Site normalized, Parameter gain, Parameter bias) {
    return trial.parent(normalized).times(trial.weight(gain)).plus(trial.weight(bias));
  }

  private void neurons() {
    altered.bias(Parameter.B_IN);
    Tensor x =
        trial.config.layerNorm()
            ? affine(Site.ln2Normalized(trial.layer), Parameter.LN2_W, Parameter.LN2_B)
            : trial.parent(Site.mlpIn(trial.layer));
    altered.weights(Parameter.W_IN, x, D_MODEL);
    altered.gains(
        Parameter.W_IN, Parameter.LN2_W, Parameter.LN2_B, Site.ln2Normalized(trial.layer));
  }

  private void logits() {
    conventions.logits();
    altered.bias(Parameter.B_U);
    altered.weights(Parameter.W_U, trial.parent(Site.unembedIn()), D_MODEL);
  }

  // ---- of any trial.site

  /** Whether heads stand in another order. */
  private void heads() {
    if (!trial.site.hook().axes().contains(HEAD) || trial.config.heads() < 2) {
      return;
    }
    Computed usually = trial.formulas.of(trial.site);
    int count = trial.config.heads();
    int[] order = new int[count];
    for (int head = 0; head < count; head++) {
      double least = Double.POSITIVE_INFINITY;
      for (int other = 0; other < count; other++) {
        double distance =
            trial.found.at(HEAD, head).maxAbsDifference(usually.value().at(HEAD, other));
        if (distance < least) {
          least = distance;
          order[head] = other;
        }
      }
    }
    boolean reordered =
        Arrays.stream(order).distinct().count() == count
            && IntStream.range(0, count).anyMatch(h -> order[h] != h);
    if (reordered) {
      List<Integer> moved = IntStream.range(0, count).filter(h -> order[h] != h).boxed().toList();
      String statement =
          moved.size() == 2
              ? "heads %d and %d are swapped".formatted(moved.get(0), moved.get(1))
              : "heads stand in the order " + Arrays.toString(order);
      trial.suspect(
          statement,
          new Computed(usually.value().at(HEAD, order), () -> usually.cost().at(HEAD, order)));
    }
  }

  /** Whether one of two summands is missing. */
  private void otherParents() {
    List<Site> parents = trial.site.hook().parents(trial.layer, trial.config);
    if (parents.size() == 2
        && (trial.site.hook() == Hook.RESID_PRE
            || trial.site.hook() == Hook.RESID_MID
            || trial.site.hook() == Hook.RESID_POST)) {
      for (int i = 0; i < 2; i++) {
        Tensor only = trial.parent(parents.get(i));
        trial.suspect(parents.get(1 - i) + " is not added", x -> only);
      }
    }
  }
}
