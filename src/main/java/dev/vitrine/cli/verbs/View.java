package dev.vitrine.cli.verbs;

import dev.vitrine.analysis.Attribution;
import dev.vitrine.analysis.Component;
import dev.vitrine.analysis.HeadAttention;
import dev.vitrine.analysis.LogitLens;
import dev.vitrine.trace.Predictions;
import dev.vitrine.trace.Trace;
import java.util.List;

/**
 * What {@code look} shows: the last position of a prompt.
 *
 * @param target the token predicted, whose logit is taken apart
 */
record View(
    Trace trace,
    Predictions predictions,
    int target,
    LogitLens lens,
    Attribution attribution,
    List<HeadAttention> heads) {

  static View of(Trace trace) {
    Predictions predictions = trace.predictions();
    int target = predictions.first();
    return new View(
        trace,
        predictions,
        target,
        LogitLens.of(trace, -1),
        Attribution.of(trace, -1, target),
        HeadAttention.all(trace, -1));
  }

  /** What a head adds to the target's logit. */
  double logit(HeadAttention head) {
    return attribution.components().stream()
        .filter(c -> c.layer() == head.layer() && c.head() == head.head())
        .mapToDouble(Component::logit)
        .sum();
  }
}
