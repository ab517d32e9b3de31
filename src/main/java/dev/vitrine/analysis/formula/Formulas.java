package dev.vitrine.analysis.formula;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.ONE;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.Config;
import java.util.Arrays;
import java.util.Collections;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Computes any site from its parents in double precision, as the table of sites says, and how much
 * rounding may cost there. The parents may come from any run or file; so what one site gets wrong
 * is seen at that site, and not in what was made of it.
 */
public final class Formulas {

  /** What a few operations in a row may round. */
  private static final double FEW = 8;

  private final Assumptions assumptions;
  private final Config config;
  private final int[] tokens;
  private final Function<Site, Tensor> parents;

  /**
   * The formulas of one sequence.
   *
   * @param tokens its ids
   * @param parents where parents are read from
   */
  public Formulas(Assumptions assumptions, int[] tokens, Function<Site, Tensor> parents) {
    this.assumptions = assumptions;
    this.config = assumptions.config();
    this.tokens = tokens.clone();
    this.parents = parents;
  }

  /** The same formulas under other assumptions. */
  public Formulas under(Assumptions other) {
    return new Formulas(other, tokens, parents);
  }

  /** What a site should be. */
  public Computed of(Site site) {
    int l = site.layer();
    return switch (site.hook()) {
      case EMBED -> looked(weight(Parameter.W_E, -1).at(VOCAB, tokens).rename(VOCAB, POSITION));
      case POS_EMBED -> looked(weight(Parameter.W_POS, -1).range(POSITION, 0, tokens.length));
      case RESID_PRE ->
          l > 0
              ? looked(at(Site.residPost(l - 1)))
              : config.positions() ? sum(Site.embed(), Site.posEmbed()) : looked(at(Site.embed()));
      case ATTN_IN, Q_INPUT, K_INPUT, V_INPUT ->
          looked(
              Tensor.stack(
                  Collections.nCopies(config.heads(), at(Site.residPre(l))),
                  HEAD.of(config.heads())));
      case MLP_IN -> looked(at(Site.residMid(l)));
      case LN1_SCALE -> scale(Site.residPre(l));
      case LN2_SCALE -> scale(Site.mlpIn(l));
      case LN_FINAL_SCALE -> scale(last());
      case LN1_NORMALIZED -> normalized(Site.residPre(l), Site.ln1Scale(l));
      case LN2_NORMALIZED -> normalized(Site.mlpIn(l), Site.ln2Scale(l));
      case LN_FINAL_NORMALIZED -> normalized(last(), Site.lnFinalScale());
      case Q -> projection(l, Parameter.W_Q, Parameter.B_Q);
      case K -> projection(l, Parameter.W_K, Parameter.B_K);
      case V -> projection(l, Parameter.W_V, Parameter.B_V);
      case ATTN_SCORES -> scores(l);
      case PATTERN -> pattern(l);
      case Z -> mixed(l);
      case RESULT -> product(at(Site.z(l)), weight(Parameter.W_O, l), D_HEAD).computed();
      case ATTN_OUT -> attnOut(l);
      case RESID_MID -> sum(Site.residPre(l), Site.attnOut(l));
      case MLP_PRE ->
          product(mlpInput(l), weight(Parameter.W_IN, l), D_MODEL)
              .plus(weight(Parameter.B_IN, l))
              .computed();
      case MLP_POST -> activation(at(Site.mlpPre(l)));
      case MLP_OUT ->
          product(at(Site.mlpPost(l)), weight(Parameter.W_OUT, l), D_MLP)
              .plus(weight(Parameter.B_OUT, l))
              .computed();
      case RESID_POST ->
          config.attentionOnly()
              ? sum(Site.residPre(l), Site.attnOut(l))
              : sum(Site.residMid(l), Site.mlpOut(l));
      case UNEMBED_IN -> unembedIn();
      case LOGITS -> logits(at(Site.unembedIn()));
      case LOSS_PER_TOKEN -> loss();
    };
  }

  /** The logits of any rows of {@code unembed.hook_in}. */
  public Computed logits(Tensor rows) {
    return product(wide(rows), weight(Parameter.W_U, -1), D_MODEL)
        .plus(weight(Parameter.B_U, -1))
        .computed();
  }

  // ---- what is read

  /** The same numbers, in double precision from here on, of no view. */
  public static Tensor wide(Tensor tensor) {
    return Tensor.of(tensor.doubles(), tensor.dimensions().toArray(Dimension[]::new));
  }

  private Tensor at(Site site) {
    return wide(parents.apply(site));
  }

  private Tensor weight(Parameter parameter, int layer) {
    return assumptions.weights().apply(parameter, layer);
  }

  private Site last() {
    return Site.residPost(config.layers() - 1);
  }

  // ---- kinds of formulas

  /** What is taken over as it is; another tool may have rounded it once on the way. */
  private static Computed looked(Tensor value) {
    Tensor size = wide(value).abs();
    return new Computed(wide(value), () -> size.plus(size.mean().value()));
  }

  private Computed sum(Site left, Site right) {
    Tensor a = at(left);
    Tensor b = at(right);
    return new Computed(a.plus(b), () -> a.abs().plus(b.abs()).times(2));
  }

  /** A sum of products, and the sum of the magnitudes of its terms. */
  private record Product(Tensor value, Supplier<Tensor> magnitude, int terms) {

    Product plus(Tensor bias) {
      return new Product(value.plus(bias), () -> magnitude.get().plus(bias.abs()), terms);
    }

    Product times(double factor) {
      double size = Math.abs(factor);
      return new Product(value.times(factor), () -> magnitude.get().times(size), terms);
    }

    Product named(Axis from, Axis to) {
      return new Product(value.rename(from, to), () -> magnitude.get().rename(from, to), terms);
    }

    /** Terms that round at random lead as far as the root of their number; {@link #FEW} beside. */
    Computed computed() {
      return new Computed(value, () -> magnitude.get().times(FEW + Math.sqrt(terms)));
    }
  }

  private static Product product(Tensor x, Tensor w, Axis over) {
    return new Product(x.dot(w, over), () -> x.abs().dot(w.abs(), over), x.size(over));
  }

  // ---- layer norms

  private Computed scale(Site input) {
    Tensor x = at(input);
    Tensor centred = x.minus(x.mean(D_MODEL));
    Tensor variance = centred.times(centred).mean(D_MODEL);
    Tensor scale = variance.plus(assumptions.epsilon()).sqrt();
    // The mean is rounded too, and with it what is centred.
    Tensor mean = x.abs().mean(D_MODEL);
    return new Computed(withOne(scale), () -> withOne(scale.times(FEW).plus(mean.times(2))));
  }

  private static Tensor withOne(Tensor tensor) {
    Dimension[] dimensions = Arrays.copyOf(tensor.dimensions().toArray(Dimension[]::new), 2);
    dimensions[1] = ONE.of(1);
    return Tensor.of(tensor.doubles(), dimensions);
  }

  private Computed normalized(Site input, Site scale) {
    Tensor x = at(input);
    Tensor divisor = at(scale).at(ONE, 0);
    Tensor value = x.minus(x.mean(D_MODEL)).over(divisor);
    return new Computed(
        value,
        () -> {
          Tensor magnitude = x.abs().plus(x.abs().mean(D_MODEL).times(FEW)).over(divisor);
          return magnitude.plus(value.abs()).times(2);
        });
  }

  /** What the matrices behind a layer norm read: normalised, times gain, plus bias. */
  private Tensor normed(Site normalized, Site without, Parameter gain, Parameter bias, int layer) {
    return config.layerNorm()
        ? at(normalized).times(weight(gain, layer)).plus(weight(bias, layer))
        : at(without);
  }

  private Computed unembedIn() {
    if (!config.layerNorm()) {
      return looked(at(last()));
    }
    Tensor x = at(Site.lnFinalNormalized());
    Tensor gain = weight(Parameter.LN_FINAL_W, -1);
    Tensor bias = weight(Parameter.LN_FINAL_B, -1);
    Tensor value = x.times(gain).plus(bias);
    return new Computed(value, () -> x.times(gain).abs().plus(bias.abs()).times(2));
  }

  // ---- attention

  private Computed projection(int l, Parameter matrix, Parameter bias) {
    Tensor x = normed(Site.ln1Normalized(l), Site.residPre(l), Parameter.LN1_W, Parameter.LN1_B, l);
    return product(x, weight(matrix, l), D_MODEL).plus(weight(bias, l)).computed();
  }

  private Computed scores(int l) {
    Tensor q = at(Site.q(l)).rename(POSITION, QUERY);
    Tensor k = at(Site.k(l)).rename(POSITION, KEY);
    Computed all = product(q, k, D_HEAD).times(assumptions.scale().of(l)).computed();
    return new Computed(
        masked(all.value().permute(HEAD, QUERY, KEY), assumptions.masked()),
        () -> masked(all.cost().permute(HEAD, QUERY, KEY), 0));
  }

  private Tensor masked(Tensor scores, double value) {
    double[] elements = scores.doubles();
    int size = tokens.length;
    for (int i = 0; i < elements.length; i++) {
      elements[i] = i % size > i / size % size ? value : elements[i];
    }
    return Tensor.of(elements, scores.dimensions().toArray(Dimension[]::new));
  }

  private Computed pattern(int l) {
    Tensor scores = at(Site.attnScores(l));
    Tensor value = scores.softmax(KEY);
    return new Computed(
        value,
        () -> {
          // exp turns what x and max lost into a factor, of each power and of their sum.
          Tensor size = scores.map(x -> Double.isFinite(x) ? Math.abs(x) : 0);
          Tensor lost = size.plus(size.max(KEY)).plus(FEW);
          return value.times(lost.plus(value.times(lost).sum(KEY)));
        });
  }

  private Computed mixed(int l) {
    Tensor pattern = at(Site.pattern(l));
    Tensor v = at(Site.v(l)).rename(POSITION, KEY);
    Computed all = product(pattern, v, KEY).named(QUERY, POSITION).computed();
    boolean finite = Arrays.stream(v.doubles()).allMatch(Double::isFinite);
    return finite ? all : all.with(causal(pattern, v, all.value()));
  }

  /** Keys after the query are not multiplied by zero but never touched: what is no number stays. */
  private static Tensor causal(Tensor pattern, Tensor v, Tensor like) {
    double[] weights = pattern.permute(HEAD, QUERY, KEY).doubles();
    double[] values = v.permute(HEAD, KEY, D_HEAD).doubles();
    Tensor shaped = like.permute(HEAD, POSITION, D_HEAD);
    int size = shaped.size(POSITION);
    int width = shaped.size(D_HEAD);
    double[] mixed = new double[shaped.doubles().length];
    for (int i = 0; i < mixed.length; i++) {
      int row = i / width; // of head and query
      int head = row / size;
      for (int key = 0; key <= row % size; key++) {
        mixed[i] += weights[row * size + key] * values[(head * size + key) * width + i % width];
      }
    }
    return Tensor.of(mixed, shaped.dimensions().toArray(Dimension[]::new));
  }

  private Computed attnOut(int l) {
    Tensor results = at(Site.result(l));
    Tensor bias = weight(Parameter.B_O, l);
    Tensor magnitude = results.abs().sum(HEAD).plus(bias.abs());
    return new Computed(
        results.sum(HEAD).plus(bias), () -> magnitude.times(FEW + Math.sqrt(config.heads())));
  }

  // ---- the MLP

  private Tensor mlpInput(int l) {
    return normed(Site.ln2Normalized(l), Site.mlpIn(l), Parameter.LN2_W, Parameter.LN2_B, l);
  }

  private Computed activation(Tensor pre) {
    double[] x = pre.doubles();
    try (Backend exact = Backends.open("reference", 1)) {
      Array row = exact.rows(1, x.length);
      exact.write(row, 0, 0, x.length, x, 0);
      exact.activate(assumptions.activation(), row, row);
      double[] value = new double[x.length];
      exact.read(row, 0, 0, x.length, value, 0);
      return new Computed(
          Tensor.of(value, pre.dimensions().toArray(Dimension[]::new)), () -> pre.abs().times(FEW));
    }
  }

  // ---- the vocabulary

  private Computed loss() {
    Tensor logits = at(Site.logits());
    Tensor log = logits.logSoftmax(VOCAB);
    double[] losses = new double[tokens.length - 1];
    double[] costs = new double[tokens.length - 1];
    for (int p = 0; p < losses.length; p++) {
      losses[p] = -log.get(p, tokens[p + 1]);
      costs[p] = FEW * (2 + logits.at(POSITION, p).abs().max().value());
    }
    Dimension positions = POSITION.of(losses.length);
    return new Computed(Tensor.of(losses, positions), () -> Tensor.of(costs, positions));
  }
}
