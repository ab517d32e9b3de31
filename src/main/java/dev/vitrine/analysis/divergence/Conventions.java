package dev.vitrine.analysis.divergence;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.analysis.formula.Formulas;
import dev.vitrine.kernels.Activation;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;

/** Whether a step is computed by another convention than GPT-2's: what other tools do. */
final class Conventions {
  private static final double[] EPSILONS = {1e-5, 1e-6, 1e-8, 1e-12, 1e-3, 0};
  private static final double[] MASKS = {-Float.MAX_VALUE, -65504, -1e4, -1e5, -1e9};

  private final Trial trial;

  Conventions(Trial trial) {
    this.trial = trial;
  }

  // ---- tables

  void table() {
    trial.suspect(
        "embeddings are multiplied by √d_model", x -> x.times(Math.sqrt(trial.config.dModel())));
    trial.suspect("embeddings are centred", x -> x.minus(x.mean(D_MODEL)));
  }

  void positions() {
    Tensor table = trial.usual.weights().apply(Parameter.W_POS, -1);
    for (int first = 1; first <= 2; first++) {
      if (table.size(POSITION) >= trial.truth.size() + first) {
        Tensor shifted = Formulas.wide(table.range(POSITION, first, trial.truth.size() + first));
        trial.suspect("positions are counted from " + first, x -> shifted);
      }
    }
    trial.suspect("embeddings are centred", x -> x.minus(x.mean(D_MODEL)));
  }

  // ---- trial.layer norms

  void scales() {
    for (double epsilon : EPSILONS) {
      if (epsilon != trial.usual.epsilon()) {
        trial.suspect(
            "epsilon is %s instead of %s".formatted(epsilon, trial.usual.epsilon()),
            trial.usual.withEpsilon(epsilon));
      }
    }
    Tensor scale = trial.formulas.under(trial.usual.withEpsilon(0)).of(trial.site).value();
    double[] added = trial.found.times(trial.found).minus(scale.times(scale)).doubles();
    Arrays.sort(added);
    double solved = added[added.length / 2];
    String digits = Double.toString(new BigDecimal(solved).round(new MathContext(3)).doubleValue());
    trial.suspect(
        "epsilon is %s instead of %s".formatted(digits, trial.usual.epsilon()),
        trial.usual.withEpsilon(solved));
    trial.suspect(
        "epsilon is added outside the root",
        trial.formulas.of(trial.site).with(scale.plus(trial.usual.epsilon())));
    int n = trial.config.dModel();
    Tensor unbiased = scale.times(scale).times(n / (n - 1.0)).plus(trial.usual.epsilon()).sqrt();
    trial.suspect("the variance is divided by n - 1", x -> unbiased);
    Tensor input = trial.parent(normInput());
    double[] rms = input.times(input).mean(D_MODEL).plus(trial.usual.epsilon()).sqrt().doubles();
    Tensor whole = Tensor.of(rms, trial.found.dimensions().toArray(Dimension[]::new));
    trial.suspect("the root of the mean square is taken, without centring", x -> whole);
  }

  private Site normInput() {
    return switch (trial.site.hook()) {
      case LN1_SCALE, LN1_NORMALIZED -> Site.residPre(trial.layer);
      case LN2_SCALE, LN2_NORMALIZED -> Site.mlpIn(trial.layer);
      default -> Site.residPost(trial.config.layers() - 1);
    };
  }

  void normalized() {
    Parameter gain =
        switch (trial.site.hook()) {
          case LN1_NORMALIZED -> Parameter.LN1_W;
          case LN2_NORMALIZED -> Parameter.LN2_W;
          default -> Parameter.LN_FINAL_W;
        };
    Parameter bias =
        switch (trial.site.hook()) {
          case LN1_NORMALIZED -> Parameter.LN1_B;
          case LN2_NORMALIZED -> Parameter.LN2_B;
          default -> Parameter.LN_FINAL_B;
        };
    Tensor w = trial.usual.weights().apply(gain, trial.layer);
    Tensor b = trial.usual.weights().apply(bias, trial.layer);
    trial.suspect("gain and bias are in it", x -> x.times(w).plus(b));
    trial.suspect("the gain is in it", x -> x.times(w));
    trial.suspect(
        "it is not divided by the scale",
        x -> {
          Tensor input = trial.parent(normInput());
          return input.minus(input.mean(D_MODEL));
        });
  }

  // ---- attention

  void scores() {
    double root = Math.sqrt(trial.config.dHead());
    trial.suspect("scores are not divided by √d_head", trial.usual.withScale(l -> 1));
    trial.suspect("scores are divided by √d_head only", trial.usual.withScale(l -> 1 / root));
    trial.suspect(
        "scores are divided by the trial.layer too",
        trial.usual.withScale(l -> 1 / root / (l + 1)));
    trial.suspect(
        "scores are divided by d_head", trial.usual.withScale(l -> 1.0 / trial.config.dHead()));
    trial.suspect(
        "scores are divided by √d_model",
        trial.usual.withScale(l -> 1 / Math.sqrt(trial.config.dModel())));
    for (double mask : MASKS) {
      trial.suspect(
          "masked scores are %s instead of -inf".formatted((float) mask),
          trial.usual.withMasked(mask));
    }
    Tensor q = trial.parent(Site.q(trial.layer)).rename(POSITION, QUERY);
    Tensor k = trial.parent(Site.k(trial.layer)).rename(POSITION, KEY);
    Tensor open = q.dot(k, D_HEAD).times(trial.usual.scale().of(trial.layer));
    trial.suspect("scores are not masked", x -> open);
  }

  void pattern() {
    Tensor scores = trial.parent(Site.attnScores(trial.layer));
    trial.suspect("it has no softmax", x -> scores);
    Tensor later =
        trial
            .parent(Site.q(trial.layer))
            .rename(POSITION, QUERY)
            .dot(trial.parent(Site.k(trial.layer)).rename(POSITION, KEY), D_HEAD)
            .times(trial.usual.scale().of(trial.layer));
    trial.suspect(
        "keys after the query are seen", x -> later.softmax(KEY).permute(HEAD, QUERY, KEY));
  }

  // ---- the MLP

  void activations() {
    for (Activation other : Activation.values()) {
      if (other != trial.usual.activation()) {
        trial.suspect(
            "the activation is %s instead of %s"
                .formatted(other.configName(), trial.usual.activation().configName()),
            trial.usual.withActivation(other));
      }
    }
  }

  // ---- the vocabulary

  void logits() {
    trial.suspect("they are log-probabilities", x -> x.logSoftmax(VOCAB));
    trial.suspect("they are probabilities", x -> x.softmax(VOCAB));
    trial.suspect("they are centred over the vocabulary", x -> x.minus(x.mean(VOCAB)));
    Tensor embedding = trial.usual.weights().apply(Parameter.W_E, -1);
    trial.suspect("W_U is W_E transposed", trial.usual.withWeight(Parameter.W_U, embedding));
  }
}
