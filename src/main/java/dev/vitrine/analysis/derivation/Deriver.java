package dev.vitrine.analysis.derivation;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Config;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Computes one element of a site from its parents' elements, as the table of sites says, in the
 * order in which the backend adds.
 */
final class Deriver {

  /** The length of the blocks in which a product adds; see {@code kernels/CONTRACT.md}. */
  private static final int BLOCK = 128;

  private final Trace trace;
  private final Config config;
  private final Arithmetic arithmetic;
  private final Lines lines;
  private final Site site;
  private final List<Axis> axes;
  private final int[] indices;

  Deriver(Trace trace, Site site, int... indices) {
    this.trace = trace;
    this.config = trace.model().config();
    this.arithmetic = Arithmetic.of(trace.model().backend().isDouble());
    this.lines = new Lines(arithmetic);
    this.site = site;
    this.axes = site.hook().axes();
    this.indices = indices.clone();
  }

  List<Line> lines() {
    return lines.all();
  }

  /** The element's value, computed; its lines are written on the way. */
  double value() {
    int l = site.layer();
    return switch (site.hook()) {
      case EMBED -> looked(Parameter.W_E, VOCAB, trace.tokens().id(index(POSITION)));
      case POS_EMBED -> looked(Parameter.W_POS, POSITION, index(POSITION));
      case RESID_PRE -> residPre(l);
      case ATTN_IN, Q_INPUT, K_INPUT, V_INPUT -> taken(Site.residPre(l));
      case MLP_IN -> taken(Site.residMid(l));
      case LN1_SCALE, LN2_SCALE, LN_FINAL_SCALE -> scale();
      case LN1_NORMALIZED, LN2_NORMALIZED, LN_FINAL_NORMALIZED -> normalized();
      case Q -> projection(Parameter.W_Q, Parameter.B_Q);
      case K -> projection(Parameter.W_K, Parameter.B_K);
      case V -> projection(Parameter.W_V, Parameter.B_V);
      case ATTN_SCORES -> score(l);
      case PATTERN -> pattern(l);
      case Z -> mixed(l);
      case RESULT -> result(l);
      case ATTN_OUT -> attnOut(l);
      case RESID_MID -> sum(Site.residPre(l), Site.attnOut(l));
      case MLP_PRE -> neuron(l);
      case MLP_POST -> activation(l);
      case MLP_OUT -> mlpOut(l);
      case RESID_POST ->
          config.attentionOnly()
              ? sum(Site.residPre(l), Site.attnOut(l))
              : sum(Site.residMid(l), Site.mlpOut(l));
      case UNEMBED_IN -> unembedIn();
      case LOGITS -> logit();
      case LOSS_PER_TOKEN -> loss();
    };
  }

  // ---- what is read

  private int index(Axis axis) {
    return indices[axes.indexOf(axis)];
  }

  /** A parent's element at this element's indices, as far as it has the axes. */
  private double element(Site parent) {
    Tensor tensor = trace.tensor(parent);
    for (Axis axis : parent.hook().axes()) {
      tensor = tensor.at(axis, axes.contains(axis) ? index(axis) : 0);
    }
    return tensor.value();
  }

  private double[] row(Site parent, int position) {
    return trace.tensor(parent).at(POSITION, position).doubles();
  }

  private double[] weights(Parameter parameter, Axis axis, int at) {
    return weight(parameter).at(axis, at).doubles();
  }

  private Tensor weight(Parameter parameter) {
    return trace.model().parameters().tensor(parameter, parameter.inBlock() ? site.layer() : -1);
  }

  /** A site's name without its block, for names of elements. */
  private static String last(Site site) {
    return site.name().replaceFirst("^blocks\\.\\d+\\.", "");
  }

  private static IntFunction<String> along(String name, Axis axis) {
    return i -> name + "[" + axis + "=" + i + "]";
  }

  private static IntFunction<String> along(Site site, Axis axis) {
    return along(last(site), axis);
  }

  private static String number(double value) {
    return Lines.number(value);
  }

  private double taken(Site parent) {
    return lines.taken(last(site), last(parent), element(parent));
  }

  private double sum(Site left, Site right) {
    return lines.plus(last(left) + " + " + last(right), element(left), element(right));
  }

  private double looked(Parameter table, Axis axis, int at) {
    double value = weights(table, axis, at)[index(D_MODEL)];
    String name = "%s[%s=%d,d_model=%d]".formatted(table.name(-1), axis, at, index(D_MODEL));
    return lines.taken(last(site), name, value);
  }

  private double residPre(int l) {
    if (l > 0) {
      return taken(Site.residPost(l - 1));
    }
    return config.positions() ? sum(Site.embed(), Site.posEmbed()) : taken(Site.embed());
  }

  // ---- layer norms

  private Site normInput() {
    return switch (site.hook()) {
      case LN1_SCALE, LN1_NORMALIZED -> Site.residPre(site.layer());
      case LN2_SCALE, LN2_NORMALIZED -> Site.mlpIn(site.layer());
      default -> Site.residPost(config.layers() - 1);
    };
  }

  private double mean(double... x) {
    double sum = lines.spread("Σ x", along(normInput(), D_MODEL), x);
    return lines.step("mean", number(sum) + " / " + x.length, sum / x.length);
  }

  private double scale() {
    double[] x = row(normInput(), index(POSITION));
    double mean = mean(x);
    double[] centred = Arrays.stream(x).map(c -> arithmetic.rounded(c - mean)).toArray();
    IntFunction<String> name = c -> last(normInput()) + "[d_model=" + c + "] - mean";
    double squares = lines.spreadSquares("Σ (x - mean)²", name, centred);
    double variance =
        lines.step("variance", number(squares) + " / " + x.length, squares / x.length);
    double epsilon = arithmetic.rounded(config.layerNormEpsilon());
    double raised = lines.plus("variance + ε", variance, epsilon);
    return lines.step("√", "√" + number(raised), Math.sqrt(raised));
  }

  private double normalized() {
    Site scale =
        switch (site.hook()) {
          case LN1_NORMALIZED -> Site.ln1Scale(site.layer());
          case LN2_NORMALIZED -> Site.ln2Scale(site.layer());
          default -> Site.lnFinalScale();
        };
    double[] x = row(normInput(), index(POSITION));
    double mean = mean(x);
    double own = x[index(D_MODEL)];
    double centred = lines.step("x - mean", number(own) + " - " + number(mean), own - mean);
    double divisor = element(scale);
    return lines.step(
        "(x - mean) / " + last(scale),
        number(centred) + " / " + number(divisor),
        centred / divisor);
  }

  /** What the matrices behind a layer norm read: {@code normalized · gain + bias}. */
  private double[] normed(double[] normalized, Parameter gain, Parameter bias) {
    double[] out = new double[normalized.length];
    boolean folded = gain.absence(config, trace.model().view()).isPresent();
    double[] w = folded ? new double[0] : weight(gain).doubles();
    double[] b = folded ? new double[0] : weight(bias).doubles();
    for (int c = 0; c < out.length; c++) {
      out[c] = folded ? normalized[c] : arithmetic.fma(normalized[c], w[c], b[c]);
    }
    return out;
  }

  private double[] attentionInput(int l) {
    return config.layerNorm()
        ? normed(row(Site.ln1Normalized(l), index(POSITION)), Parameter.LN1_W, Parameter.LN1_B)
        : row(Site.residPre(l), index(POSITION));
  }

  // ---- attention

  private double projection(Parameter matrix, Parameter bias) {
    int l = site.layer();
    int head = index(HEAD);
    int d = index(D_HEAD);
    IntFunction<String> left =
        config.layerNorm()
            ? i -> "ln1.hook_normalized[d_model=" + i + "] · ln1.w + ln1.b"
            : along(Site.residPre(l), D_MODEL);
    double total =
        lines.product(
            "Σ x " + matrix.stackedName(),
            left,
            attentionInput(l),
            along(matrix.stackedName(), D_MODEL),
            weight(matrix).at(HEAD, head).at(D_HEAD, d).doubles(),
            BLOCK);
    return lines.plus("+ " + bias.stackedName(), total, weight(bias).get(head, d));
  }

  private double score(int l) {
    int query = index(QUERY);
    int key = index(KEY);
    if (key > query) {
      return lines.taken(
          last(site), "masked: the key lies after the query", Double.NEGATIVE_INFINITY);
    }
    Tensor q = trace.tensor(Site.q(l)).at(POSITION, query).at(HEAD, index(HEAD));
    Tensor k = trace.tensor(Site.k(l)).at(POSITION, key).at(HEAD, index(HEAD));
    double dot =
        lines.product(
            "q · k",
            along(Site.q(l), D_HEAD),
            q.doubles(),
            along(Site.k(l), D_HEAD),
            k.doubles(),
            arithmetic.attentionBlock());
    double scale = arithmetic.rounded(trace.model().forwardPass().attentionScale(l));
    return lines.step("· scale", number(dot) + " · " + number(scale), dot * scale);
  }

  private double pattern(int l) {
    int query = index(QUERY);
    int key = index(KEY);
    if (key > query) {
      return lines.taken(last(site), "0: the key lies after the query", 0);
    }
    Tensor scores = trace.tensor(Site.attnScores(l)).at(HEAD, index(HEAD)).at(QUERY, query);
    double[] seen = Arrays.copyOf(scores.doubles(), query + 1);
    double[] powers = powers(seen, along(Site.attnScores(l), KEY));
    double sum =
        lines.spread("Σ exp", i -> "exp(attn.hook_attn_scores[key=" + i + "] - max)", powers);
    return lines.step("exp / Σ", number(powers[key]) + " / " + number(sum), powers[key] / sum);
  }

  /** {@code exp(x - max)} of each. */
  private double[] powers(double[] x, IntFunction<String> name) {
    int first = 0;
    for (int i = 0; i < x.length; i++) {
      first = x[i] > x[first] || Double.isNaN(x[first]) ? i : first;
    }
    double max = Double.isNaN(x[first]) ? Double.NEGATIVE_INFINITY : x[first];
    lines.taken("max", name.apply(first), max);
    return Arrays.stream(x).map(c -> arithmetic.exp(arithmetic.rounded(c - max))).toArray();
  }

  private double mixed(int l) {
    int position = index(POSITION);
    Tensor pattern = trace.tensor(Site.pattern(l)).at(HEAD, index(HEAD)).at(QUERY, position);
    Tensor values = trace.tensor(Site.v(l)).at(HEAD, index(HEAD)).at(D_HEAD, index(D_HEAD));
    return lines.product(
        "Σ pattern v",
        along(Site.pattern(l), KEY),
        Arrays.copyOf(pattern.doubles(), position + 1),
        along(Site.v(l), POSITION),
        Arrays.copyOf(values.doubles(), position + 1),
        arithmetic.attentionBlock());
  }

  private double result(int l) {
    double[] z =
        trace.tensor(Site.z(l)).at(POSITION, index(POSITION)).at(HEAD, index(HEAD)).doubles();
    Tensor out = weight(Parameter.W_O).at(HEAD, index(HEAD)).at(D_MODEL, index(D_MODEL));
    return lines.product(
        "Σ z W_O", along(Site.z(l), D_HEAD), z, along("W_O", D_HEAD), out.doubles(), z.length);
  }

  private double attnOut(int l) {
    Tensor results = trace.tensor(Site.result(l)).at(POSITION, index(POSITION));
    double[] heads = results.at(D_MODEL, index(D_MODEL)).doubles();
    double total = lines.inOrder("Σ over heads", along(Site.result(l), HEAD), heads);
    return lines.plus("+ b_O", total, weight(Parameter.B_O).get(index(D_MODEL)));
  }

  // ---- the MLP

  private double neuron(int l) {
    double[] x =
        config.layerNorm()
            ? normed(row(Site.ln2Normalized(l), index(POSITION)), Parameter.LN2_W, Parameter.LN2_B)
            : row(Site.mlpIn(l), index(POSITION));
    IntFunction<String> left =
        config.layerNorm()
            ? i -> "ln2.hook_normalized[d_model=" + i + "] · ln2.w + ln2.b"
            : along(Site.mlpIn(l), D_MODEL);
    int neuron = index(D_MLP);
    double[] w = weights(Parameter.W_IN, D_MLP, neuron);
    double total = lines.product("Σ x W_in", left, x, along("W_in", D_MODEL), w, BLOCK);
    return lines.plus("+ b_in", total, weight(Parameter.B_IN).get(neuron));
  }

  /** The activation is the backend's own, asked for one number. */
  private double activation(int l) {
    Backend backend = trace.model().backend();
    double[] x = {element(Site.mlpPre(l))};
    Array cell = backend.rows(1, 1);
    backend.write(cell, 0, 0, 1, x, 0);
    backend.activate(config.activation(), cell, cell);
    double[] value = new double[1];
    backend.read(cell, 0, 0, 1, value, 0);
    String name = config.activation().configName();
    return lines.taken(name, name + "(" + number(x[0]) + ")", value[0]);
  }

  private double mlpOut(int l) {
    double[] post = row(Site.mlpPost(l), index(POSITION));
    double[] w = weights(Parameter.W_OUT, D_MODEL, index(D_MODEL));
    double total =
        lines.product(
            "Σ post W_out", along(Site.mlpPost(l), D_MLP), post, along("W_out", D_MLP), w, BLOCK);
    return lines.plus("+ b_out", total, weight(Parameter.B_OUT).get(index(D_MODEL)));
  }

  // ---- the vocabulary

  private double unembedIn() {
    Site last = Site.residPost(config.layers() - 1);
    if (!config.layerNorm()) {
      return taken(last);
    }
    double normalized = element(Site.lnFinalNormalized());
    if (Parameter.LN_FINAL_W.absence(config, trace.model().view()).isPresent()) {
      return lines.taken(
          last(site), "ln_final.hook_normalized: gain and bias are folded", normalized);
    }
    int c = index(D_MODEL);
    double gain = weight(Parameter.LN_FINAL_W).get(c);
    double bias = weight(Parameter.LN_FINAL_B).get(c);
    return lines.fma("normalized · gain + bias", normalized, gain, bias);
  }

  private double logit() {
    int token = index(VOCAB);
    double total =
        lines.product(
            "Σ x W_U",
            along(Site.unembedIn(), D_MODEL),
            row(Site.unembedIn(), index(POSITION)),
            along("W_U", D_MODEL),
            trace.model().parameters().unembedding(token).doubles(),
            BLOCK);
    double bias = trace.model().parameters().unembeddingBias(token);
    return lines.plus("+ b_U", total, bias);
  }

  private double loss() {
    int position = index(POSITION);
    int next = trace.tokens().id(position + 1);
    double[] logits = trace.logits(position).doubles();
    IntFunction<String> name = along(Site.logits(), VOCAB);
    double[] powers = powers(logits, name);
    double max = lines.all().getLast().value();
    double sum = lines.spread("Σ exp", i -> "exp(" + name.apply(i) + " - max)", powers);
    double log = lines.taken("log Σ", "log(" + number(sum) + ")", arithmetic.log(sum));
    double below =
        lines.step("logit - max", number(logits[next]) + " - " + number(max), logits[next] - max);
    double logProbability = lines.step("- log Σ", number(below) + " - " + number(log), below - log);
    return lines.taken("negated", "-(" + number(logProbability) + ")", -logProbability);
  }
}
