package dev.vitrine.analysis.views;

import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What a view of the weights must leave as it was, and by how much it did not: a run of each, site
 * by site. Only rounding is left, some 1e-6 of a tensor's largest element in f32, 1e-14 in f64.
 *
 * @param view the view that was held against the raw weights
 * @param kept every site that no step of the view changes, in the order of computation; then the
 *     log-probabilities
 */
public record Invariance(View view, List<Kept> kept) {

  /**
   * A tensor that the view must keep.
   *
   * @param name the site
   * @param difference the largest difference, relative to the raw tensor's largest element
   */
  public record Kept(String name, double difference) {}

  /** Keeps the list as it is. */
  public Invariance {
    kept = List.copyOf(kept);
  }

  /**
   * Runs a model in a view and with its raw weights.
   *
   * @throws IllegalArgumentException if the view does not apply to the model
   */
  public static Invariance of(Gpt2 model, View view, Tokens tokens) {
    Trace raw = model.view(View.RAW).trace(tokens);
    Trace seen = model.view(view).trace(tokens);
    List<Kept> kept = new ArrayList<>();
    for (Site site : raw.sites()) {
      if (view.steps().stream().noneMatch(step -> changes(step, site.hook()))) {
        kept.add(new Kept(site.name(), difference(raw.tensor(site), seen.tensor(site))));
      }
    }
    Tensor before = raw.logits().logSoftmax(VOCAB);
    Tensor after = seen.logits().logSoftmax(VOCAB);
    kept.add(new Kept("log softmax(" + Site.logits().name() + ")", difference(before, after)));
    return new Invariance(view, kept);
  }

  private static double difference(Tensor raw, Tensor seen) {
    double largest = raw.map(x -> Double.isFinite(x) ? Math.abs(x) : 0).max().value();
    double difference = raw.maxAbsDifference(seen);
    return difference == 0 ? 0 : difference / largest;
  }

  /** Whether a step changes what a hook sees; all else it must keep. */
  public static boolean changes(View.Step step, Hook hook) {
    return switch (step) {
      case FOLD_LN -> hook == Hook.UNEMBED_IN;
      case CENTER_WRITING_WEIGHTS ->
          switch (hook) {
            case EMBED,
                POS_EMBED,
                RESID_PRE,
                ATTN_IN,
                Q_INPUT,
                K_INPUT,
                V_INPUT,
                RESULT,
                ATTN_OUT,
                RESID_MID,
                MLP_IN,
                MLP_OUT,
                RESID_POST ->
                true;
            default -> false;
          };
      case CENTER_UNEMBED -> hook == Hook.LOGITS;
      case FOLD_VALUE_BIASES -> hook == Hook.V || hook == Hook.Z || hook == Hook.RESULT;
      case REFACTOR_FACTORED_ATTN_MATRICES ->
          switch (hook) {
            case Q, K, V, Z, RESULT -> true;
            default -> false;
          };
    };
  }

  /** The tensor that the view kept worst. */
  public Kept worst() {
    return kept.stream().max(Comparator.comparingDouble(Kept::difference)).orElseThrow();
  }

  /** Whether everything was kept to within a share of its largest element. */
  public boolean holds(double tolerance) {
    return worst().difference() <= tolerance;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "view %s keeps %d tensors; the worst is %s, by %.1e of its largest element",
        view,
        kept.size(),
        worst().name(),
        worst().difference());
  }
}
