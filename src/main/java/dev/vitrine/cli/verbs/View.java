package dev.vitrine.cli.verbs;

import dev.vitrine.analysis.Attribution;
import dev.vitrine.analysis.Component;
import dev.vitrine.analysis.HeadAttention;
import dev.vitrine.analysis.LogitLens;
import dev.vitrine.analysis.NotNumbers;
import dev.vitrine.cli.options.LogitOptions;
import dev.vitrine.trace.Predictions;
import dev.vitrine.trace.Trace;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What {@code look} shows: the last position of a prompt.
 *
 * @param target the token whose logit is taken apart
 * @param minus the token whose logit is taken away, if one is
 * @param notNumbers the logits that are NaN, if any is
 */
record View(
    Trace trace,
    Predictions predictions,
    int target,
    OptionalInt minus,
    LogitLens lens,
    Attribution attribution,
    List<HeadAttention> heads,
    Optional<NotNumbers> notNumbers) {

  /** What rounding may cost a sum, relative to its largest term. */
  private static final double ROUNDING = 1e-4;

  static View of(Trace trace, LogitOptions options, PrintStream notes) {
    Predictions predictions = trace.predictions();
    LogitOptions.Question asked = options.question(trace.model(), predictions.first(), notes);
    int target = asked.token();
    return new View(
        trace,
        predictions,
        target,
        asked.against(),
        LogitLens.of(trace, -1),
        asked.against().isPresent()
            ? Attribution.ofDifference(trace, -1, target, asked.against().getAsInt())
            : Attribution.of(trace, -1, target),
        HeadAttention.all(trace, -1),
        NotNumbers.of(trace, -1));
  }

  /**
   * The difference of the two logits if the model stopped at a layer; empty if one is asked for.
   */
  OptionalDouble difference(LogitLens.Layer layer) {
    return minus.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(layer.logits().get(target) - layer.logits().get(minus.getAsInt()));
  }

  /**
   * Whether the components add up to the logit, but for rounding. They do not where an edit put
   * something else into the residual stream than what was written to it.
   */
  boolean addsUp() {
    double largest =
        attribution.components().stream().mapToDouble(c -> Math.abs(c.logit())).max().orElse(0);
    double most = Math.max(largest, Math.abs(attribution.logit()));
    return Math.abs(attribution.sum() - attribution.logit()) <= ROUNDING * most;
  }

  /** What a head adds to the target's logit. */
  double logit(HeadAttention head) {
    return attribution.components().stream()
        .filter(c -> c.layer() == head.layer() && c.head() == head.head())
        .mapToDouble(Component::logit)
        .sum();
  }
}
