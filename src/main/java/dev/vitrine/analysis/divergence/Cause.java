package dev.vitrine.analysis.divergence;

/**
 * A hypothesis that was tried: the site was computed again as if it were true.
 *
 * @param statement what would have to be so
 * @param error the greatest error that it leaves, in units of what rounding may cost: up to 1, and
 *     it explains the site
 * @param agreeing how many of the sites that were compared agree under it; -1 where it speaks of
 *     one site only
 */
public record Cause(String statement, double error, int agreeing) {

  /** Whether it explains the site. */
  public boolean explains() {
    return error <= 1;
  }
}
