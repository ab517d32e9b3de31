package dev.vitrine.analysis.divergence;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.analysis.formula.Assumptions;
import dev.vitrine.analysis.formula.Computed;
import dev.vitrine.analysis.formula.Formulas;
import dev.vitrine.kernels.Activation;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Config;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The usual reasons for which one computation differs from another. Each is tried: the site is
 * computed again as if it were so, from the parents that the faulty side has; what is left of the
 * error decides.
 */
final class Suspects {
  private static final double[] EPSILONS = {1e-5, 1e-6, 1e-8, 1e-12, 1e-3, 0};
  private static final double[] MASKS = {-Float.MAX_VALUE, -65504, -1e4, -1e5, -1e9};

  private final Judge judge;
  private final Trace truth;
  private final Config config;
  private final Site site;
  private final int layer;
  private final Assumptions usual;
  private final Formulas formulas;
  private final Tensor found;
  private final List<Cause> causes = new ArrayList<>();

  Suspects(Judge judge, Trace truth, Site site) {
    this.judge = judge;
    this.truth = truth;
    this.config = truth.model().config();
    this.site = site;
    this.layer = site.layer();
    this.usual = Assumptions.of(truth.model());
    this.formulas = judge.formulas();
    this.found = Formulas.wide(judge.side().tensor(site));
  }

  /** Everything that was tried, what explains best first; of equals the simplest, tried first. */
  List<Cause> tried() {
    views();
    switch (site.hook()) {
      case EMBED -> table(Parameter.W_E);
      case POS_EMBED -> positions();
      case LN1_SCALE, LN2_SCALE, LN_FINAL_SCALE -> scales();
      case LN1_NORMALIZED, LN2_NORMALIZED, LN_FINAL_NORMALIZED -> normalized();
      case Q -> projection(Parameter.W_Q, Parameter.B_Q);
      case K -> projection(Parameter.W_K, Parameter.B_K);
      case V -> projection(Parameter.W_V, Parameter.B_V);
      case ATTN_SCORES -> scores();
      case PATTERN -> pattern();
      case RESULT -> {
        transposedHeads(Parameter.W_O);
        weights(Parameter.W_O, judge.parent(Site.z(layer)), D_HEAD);
      }
      case ATTN_OUT -> bias(Parameter.B_O);
      case MLP_PRE -> neurons();
      case MLP_POST -> activations();
      case MLP_OUT -> {
        bias(Parameter.B_OUT);
        weights(Parameter.W_OUT, judge.parent(Site.mlpPost(layer)), D_MLP);
      }
      case LOGITS -> logits();
      default -> {}
    }
    heads();
    otherParents();
    causes.sort(Comparator.comparingDouble(cause -> Math.max(1, cause.error())));
    return causes;
  }

  private void suspect(String statement, Computed should) {
    causes.add(new Cause(statement, judge.error(site, should), -1));
  }

  private void suspect(String statement, Assumptions assumptions) {
    suspect(statement, formulas.under(assumptions).of(site));
  }

  private void suspect(String statement, UnaryOperator<Tensor> change) {
    Computed usually = formulas.of(site);
    suspect(statement, usually.with(change.apply(usually.value())));
  }

  // ---- the whole run

  /** Other views of the weights: what TransformerLens does when it loads a model. */
  private void views() {
    Gpt2 model = truth.model();
    if (!judge.side().hasWeightsOfItsOwn() || judge.errorAgainst(truth, site) <= 1) {
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
      Trace run = model.view(view).trace(truth.tokens());
      double error = judge.errorAgainst(run, site);
      int agreeing = 0;
      int all = 0;
      for (Site each : truth.sites()) {
        if (judge.side().has(each)) {
          all++;
          agreeing += error <= 1 && judge.errorAgainst(run, each) <= 1 ? 1 : 0;
        }
      }
      String how = error <= 1 ? " (%d of %d sites agree)".formatted(agreeing, all) : "";
      causes.add(new Cause("the weights are of the view " + view + how, error, agreeing));
    }
    causes.sort(Comparator.comparingInt(cause -> -cause.agreeing()));
  }

  // ---- tables

  private void table(Parameter parameter) {
    suspect("embeddings are multiplied by √d_model", x -> x.times(Math.sqrt(config.dModel())));
    suspect("embeddings are centred", x -> x.minus(x.mean(D_MODEL)));
    single(parameter);
  }

  private void positions() {
    Tensor table = usual.weights().apply(Parameter.W_POS, -1);
    for (int first = 1; first <= 2; first++) {
      if (table.size(POSITION) >= truth.size() + first) {
        Tensor shifted = Formulas.wide(table.range(POSITION, first, truth.size() + first));
        suspect("positions are counted from " + first, x -> shifted);
      }
    }
    suspect("embeddings are centred", x -> x.minus(x.mean(D_MODEL)));
    single(Parameter.W_POS);
  }

  /** Whether a single element of a table is another. */
  private void single(Parameter table) {
    Tensor off = off();
    Tensor columns = off.max(POSITION);
    if (columns.sum().value() != 1) {
      return;
    }
    int[] place = place(off);
    int position = place[off.axes().indexOf(POSITION)];
    int row = table == Parameter.W_E ? truth.tokens().id(position) : position;
    int column = place[off.axes().indexOf(D_MODEL)];
    Tensor own = Formulas.wide(usual.weights().apply(table, -1));
    double delta =
        found.minus(formulas.of(site).value()).permute(POSITION, D_MODEL).get(position, column);
    altered(table, own, new int[] {row, column}, delta);
  }

  // ---- layer norms

  private void scales() {
    for (double epsilon : EPSILONS) {
      if (epsilon != usual.epsilon()) {
        suspect(
            "epsilon is %s instead of %s".formatted(epsilon, usual.epsilon()),
            usual.withEpsilon(epsilon));
      }
    }
    Tensor scale = formulas.under(usual.withEpsilon(0)).of(site).value();
    double[] added = found.times(found).minus(scale.times(scale)).doubles();
    Arrays.sort(added);
    double solved = added[added.length / 2];
    String digits = Double.toString(new BigDecimal(solved).round(new MathContext(3)).doubleValue());
    suspect(
        "epsilon is %s instead of %s".formatted(digits, usual.epsilon()),
        usual.withEpsilon(solved));
    suspect(
        "epsilon is added outside the root", formulas.of(site).with(scale.plus(usual.epsilon())));
    int n = config.dModel();
    Tensor unbiased = scale.times(scale).times(n / (n - 1.0)).plus(usual.epsilon()).sqrt();
    suspect("the variance is divided by n - 1", x -> unbiased);
    Tensor input = Formulas.wide(judge.parent(normInput()));
    double[] rms = input.times(input).mean(D_MODEL).plus(usual.epsilon()).sqrt().doubles();
    Tensor whole = Tensor.of(rms, found.dimensions().toArray(Dimension[]::new));
    suspect("the root of the mean square is taken, without centring", x -> whole);
  }

  private Site normInput() {
    return switch (site.hook()) {
      case LN1_SCALE, LN1_NORMALIZED -> Site.residPre(layer);
      case LN2_SCALE, LN2_NORMALIZED -> Site.mlpIn(layer);
      default -> Site.residPost(config.layers() - 1);
    };
  }

  private void normalized() {
    Parameter gain =
        switch (site.hook()) {
          case LN1_NORMALIZED -> Parameter.LN1_W;
          case LN2_NORMALIZED -> Parameter.LN2_W;
          default -> Parameter.LN_FINAL_W;
        };
    Parameter bias =
        switch (site.hook()) {
          case LN1_NORMALIZED -> Parameter.LN1_B;
          case LN2_NORMALIZED -> Parameter.LN2_B;
          default -> Parameter.LN_FINAL_B;
        };
    Tensor w = usual.weights().apply(gain, layer);
    Tensor b = usual.weights().apply(bias, layer);
    suspect("gain and bias are in it", x -> x.times(w).plus(b));
    suspect("the gain is in it", x -> x.times(w));
    suspect(
        "it is not divided by the scale",
        x -> {
          Tensor input = Formulas.wide(judge.parent(normInput()));
          return input.minus(input.mean(D_MODEL));
        });
  }

  // ---- attention

  private void projection(Parameter matrix, Parameter bias) {
    for (Parameter other : List.of(Parameter.W_Q, Parameter.W_K, Parameter.W_V)) {
      if (other != matrix) {
        Hook hook = other == Parameter.W_Q ? Hook.Q : other == Parameter.W_K ? Hook.K : Hook.V;
        suspect(
            "%s is taken for %s".formatted(other.stackedName(), matrix.stackedName()),
            formulas.of(Site.of(hook, layer)));
      }
    }
    bias(bias);
    transposedHeads(matrix);
    Tensor x = attentionInput();
    weights(matrix, x, D_MODEL);
    gains(matrix, Parameter.LN1_W, Parameter.LN1_B, Site.ln1Normalized(layer));
  }

  private Tensor attentionInput() {
    if (!config.layerNorm()) {
      return Formulas.wide(judge.parent(Site.residPre(layer)));
    }
    return affine(Site.ln1Normalized(layer), Parameter.LN1_W, Parameter.LN1_B);
  }

  private Tensor affine(Site normalized, Parameter gain, Parameter bias) {
    return Formulas.wide(judge.parent(normalized))
        .times(usual.weights().apply(gain, layer))
        .plus(usual.weights().apply(bias, layer));
  }

  /** A matrix of all heads, if it is square, with its rows taken for its columns. */
  private void transposedHeads(Parameter matrix) {
    int d = config.dModel();
    if (config.heads() * config.dHead() != d) {
      return;
    }
    Axis[] order =
        matrix == Parameter.W_O
            ? new Axis[] {HEAD, D_HEAD, D_MODEL}
            : new Axis[] {D_MODEL, HEAD, D_HEAD};
    Tensor own = Formulas.wide(usual.weights().apply(matrix, layer)).permute(order);
    Tensor other =
        Tensor.of(transposed(own.doubles(), d), own.dimensions().toArray(Dimension[]::new));
    suspect(matrix.stackedName() + " is transposed", usual.withWeight(matrix, other));
  }

  private static double[] transposed(double[] square, int size) {
    double[] turned = new double[square.length];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        turned[j * size + i] = square[i * size + j];
      }
    }
    return turned;
  }

  private void scores() {
    double root = Math.sqrt(config.dHead());
    suspect("scores are not divided by √d_head", usual.withScale(l -> 1));
    suspect("scores are divided by √d_head only", usual.withScale(l -> 1 / root));
    suspect("scores are divided by the layer too", usual.withScale(l -> 1 / root / (l + 1)));
    suspect("scores are divided by d_head", usual.withScale(l -> 1.0 / config.dHead()));
    suspect("scores are divided by √d_model", usual.withScale(l -> 1 / Math.sqrt(config.dModel())));
    for (double mask : MASKS) {
      suspect(
          "masked scores are %s instead of -inf".formatted((float) mask), usual.withMasked(mask));
    }
    Tensor q = Formulas.wide(judge.parent(Site.q(layer))).rename(POSITION, QUERY);
    Tensor k = Formulas.wide(judge.parent(Site.k(layer))).rename(POSITION, KEY);
    Tensor open = q.dot(k, D_HEAD).times(usual.scale().of(layer));
    suspect("scores are not masked", x -> open);
  }

  private void pattern() {
    Tensor scores = Formulas.wide(judge.parent(Site.attnScores(layer)));
    suspect("it has no softmax", x -> scores);
    Tensor later =
        Formulas.wide(judge.parent(Site.q(layer)))
            .rename(POSITION, QUERY)
            .dot(Formulas.wide(judge.parent(Site.k(layer))).rename(POSITION, KEY), D_HEAD)
            .times(usual.scale().of(layer));
    suspect("keys after the query are seen", x -> later.softmax(KEY).permute(HEAD, QUERY, KEY));
  }

  // ---- the MLP

  private void neurons() {
    bias(Parameter.B_IN);
    Tensor x =
        config.layerNorm()
            ? affine(Site.ln2Normalized(layer), Parameter.LN2_W, Parameter.LN2_B)
            : Formulas.wide(judge.parent(Site.mlpIn(layer)));
    weights(Parameter.W_IN, x, D_MODEL);
    gains(Parameter.W_IN, Parameter.LN2_W, Parameter.LN2_B, Site.ln2Normalized(layer));
  }

  private void activations() {
    for (Activation other : Activation.values()) {
      if (other != usual.activation()) {
        suspect(
            "the activation is %s instead of %s"
                .formatted(other.configName(), usual.activation().configName()),
            usual.withActivation(other));
      }
    }
  }

  // ---- the vocabulary

  private void logits() {
    suspect("they are log-probabilities", x -> x.logSoftmax(VOCAB));
    suspect("they are probabilities", x -> x.softmax(VOCAB));
    suspect("they are centred over the vocabulary", x -> x.minus(x.mean(VOCAB)));
    bias(Parameter.B_U);
    Tensor embedding = usual.weights().apply(Parameter.W_E, -1);
    suspect("W_U is W_E transposed", usual.withWeight(Parameter.W_U, embedding));
    weights(Parameter.W_U, judge.parent(Site.unembedIn()), D_MODEL);
  }

  // ---- of any site

  /** Whether heads stand in another order. */
  private void heads() {
    if (!site.hook().axes().contains(HEAD) || config.heads() < 2) {
      return;
    }
    Computed usually = formulas.of(site);
    int count = config.heads();
    int[] order = new int[count];
    for (int head = 0; head < count; head++) {
      double least = Double.POSITIVE_INFINITY;
      for (int other = 0; other < count; other++) {
        double distance = found.at(HEAD, head).maxAbsDifference(usually.value().at(HEAD, other));
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
      suspect(
          statement,
          new Computed(usually.value().at(HEAD, order), () -> usually.cost().at(HEAD, order)));
    }
  }

  /** Whether one of two summands is missing. */
  private void otherParents() {
    List<Site> parents = site.hook().parents(layer, config);
    if (parents.size() == 2
        && (site.hook() == Hook.RESID_PRE
            || site.hook() == Hook.RESID_MID
            || site.hook() == Hook.RESID_POST)) {
      for (int i = 0; i < 2; i++) {
        Tensor only = Formulas.wide(judge.parent(parents.get(i)));
        suspect(parents.get(1 - i) + " is not added", x -> only);
      }
    }
  }

  private void bias(Parameter bias) {
    Tensor own = Formulas.wide(usual.weights().apply(bias, layer));
    suspect(bias.stackedName() + " is not added", usual.withWeight(bias, own.map(x -> 0)));
    Tensor off = off().max(POSITION);
    if (off.sum().value() == 1) {
      int[] place = place(off);
      Tensor error = found.minus(formulas.of(site).value()).mean(POSITION);
      double delta = error.permute(off.axes().toArray(Axis[]::new)).get(place);
      altered(bias, own, place, delta);
    }
  }

  /** Whether one weight is off by so much. */
  private void altered(Parameter parameter, Tensor own, int[] place, double delta) {
    double[] elements = own.doubles();
    int[] shape = own.shape();
    int at = 0;
    for (int i = 0; i < place.length; i++) {
      at = at * shape[i] + place[i];
    }
    double before = elements[at];
    elements[at] += delta;
    Tensor other = Tensor.of(elements, own.dimensions().toArray(Dimension[]::new));
    suspect(
        "one weight is another: %s%s is %.6g instead of %.6g"
            .formatted(parameter.name(layer), where(own.axes(), place), before + delta, before),
        usual.withWeight(parameter, other));
  }

  /**
   * Whether one element of a matrix is another: then one column is off, at each position by that
   * much of one input.
   *
   * @param x what the matrix reads
   * @param over the axis of the sum
   */
  private void weights(Parameter matrix, Tensor x, Axis over) {
    Tensor own = Formulas.wide(usual.weights().apply(matrix, layer));
    if (own.rank() == 2 && own.shape()[0] == own.shape()[1]) {
      Dimension[] dimensions = own.dimensions().toArray(Dimension[]::new);
      Tensor turned = Tensor.of(transposed(own.doubles(), own.shape()[0]), dimensions);
      suspect(matrix.stackedName() + " is transposed", usual.withWeight(matrix, turned));
    }
    Tensor off = off().max(POSITION);
    if (off.sum().value() != 1) {
      return;
    }
    int[] column = place(off);
    Tensor error = found.minus(formulas.of(site).value());
    Tensor input = Formulas.wide(x);
    int[] place = new int[own.rank()];
    for (int i = 0; i < column.length; i++) {
      Axis axis = off.axes().get(i);
      error = error.at(axis, column[i]);
      input = axis != over && input.has(axis) ? input.at(axis, column[i]) : input;
      place[own.axes().indexOf(axis)] = column[i];
    }
    Fit fit = Fit.best(error.doubles(), input.permute(POSITION, over).doubles());
    place[own.axes().indexOf(over)] = fit.index();
    altered(matrix, own, place, fit.factor());
  }

  /** Whether one gain or bias of the layer norm before a matrix is another. */
  private void gains(Parameter matrix, Parameter gain, Parameter bias, Site normalized) {
    if (!config.layerNorm()) {
      return;
    }
    Tensor error = found.minus(formulas.of(site).value());
    Tensor w = Formulas.wide(usual.weights().apply(matrix, layer));
    Tensor n = Formulas.wide(judge.parent(normalized));
    Axis[] columns = w.axes().stream().filter(axis -> axis != D_MODEL).toArray(Axis[]::new);
    // The error at p and column j is δ · n[p, c] · W[c, j] for one c: least squares for each.
    Tensor along = error.dot(w, columns);
    Tensor length = w.times(w).sum(columns);
    loudest(gain, along.times(n).sum(POSITION), length.times(n.times(n).sum(POSITION)));
    loudest(bias, along.sum(POSITION), length.times(truth.size()));
  }

  /** Tries the element that takes most of the error away. */
  private void loudest(Parameter vector, Tensor along, Tensor length) {
    double[] a = along.doubles();
    double[] b = length.doubles();
    int best = 0;
    for (int c = 0; c < a.length; c++) {
      best = b[c] > 0 && a[c] * a[c] / b[c] > a[best] * a[best] / b[best] ? c : best;
    }
    Tensor own = Formulas.wide(usual.weights().apply(vector, layer));
    altered(vector, own, new int[] {best}, a[best] / b[best]);
  }

  /** 1 where the side is further off than rounding leads, else 0. */
  private Tensor off() {
    Computed usually = formulas.of(site);
    Axis[] order = found.axes().toArray(Axis[]::new);
    double[] wanted = usually.value().permute(order).doubles();
    double[] room = usually.cost().permute(order).times(judge.side().unit()).doubles();
    double[] off = found.doubles();
    for (int i = 0; i < off.length; i++) {
      off[i] = Math.abs(off[i] - wanted[i]) > room[i] ? 1 : 0;
    }
    return Tensor.of(off, found.dimensions().toArray(Dimension[]::new));
  }

  /** The place of the first 1. */
  private static int[] place(Tensor off) {
    double[] elements = off.doubles();
    int at = 0;
    while (elements[at] == 0) {
      at++;
    }
    int[] shape = off.shape();
    int[] place = new int[shape.length];
    for (int i = shape.length - 1; i >= 0; i--) {
      place[i] = at % shape[i];
      at /= shape[i];
    }
    return place;
  }

  private static String where(List<Axis> axes, int... place) {
    StringJoiner where = new StringJoiner(",", "[", "]");
    for (int i = 0; i < place.length; i++) {
      where.add(axes.get(i) + "=" + place[i]);
    }
    return where.toString();
  }
}
