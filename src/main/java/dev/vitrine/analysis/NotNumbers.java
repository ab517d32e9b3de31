package dev.vitrine.analysis;

import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.Arrays;
import java.util.Optional;

/**
 * Logits of a position that are NaN: then so is every probability, and nothing is predicted.
 *
 * @param count how many of them
 * @param of how many there are
 * @param from the first site, in the order of computation, that holds a NaN
 */
public record NotNumbers(int count, int of, Site from) {

  /** Those of a position; empty if all are numbers. */
  public static Optional<NotNumbers> of(Trace trace, int position) {
    double[] logits = trace.logits(position).doubles();
    int count = (int) Arrays.stream(logits).filter(Double::isNaN).count();
    return count == 0
        ? Optional.empty()
        : Optional.of(new NotNumbers(count, logits.length, first(trace)));
  }

  private static Site first(Trace trace) {
    return trace.sites().stream()
        .filter(site -> site.hook() != Hook.LOGITS && site.hook() != Hook.LOSS_PER_TOKEN)
        .filter(site -> Arrays.stream(trace.tensor(site).doubles()).anyMatch(Double::isNaN))
        .findFirst()
        .orElse(Site.logits());
  }

  /** Such as {@code all logits are NaN, the first site that holds one is blocks.0.hook_mlp_out}. */
  @Override
  public String toString() {
    return "%s logits are NaN, the first site that holds one is %s"
        .formatted(count == of ? "all" : count + " of " + of, from);
  }
}
