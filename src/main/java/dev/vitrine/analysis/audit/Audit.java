package dev.vitrine.analysis.audit;

import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether the numbers of a trace add up: for every site, that it is the sum its formula says, by
 * the table of sites; and the sums that run through all layers, the residual stream as everything
 * that wrote to it and a logit as everything that is attributed to it.
 *
 * <p>Sums that the model adds in one order must agree to the bit (a residual stream, a head's
 * results with b_O); the others agree within the rounding of the backend. In a trace that was edited
 * an audit shows where the edits broke in.
 *
 * @param findings one for each identity, in the order of computation
 * @param unaudited the sites that are no sum: tables that are looked up, activations
 * @param limit the relative error that rounding may cost here
 */
public record Audit(List<Finding> findings, List<Site> unaudited, double limit) {

  /** Relative to a tensor's largest element, what single precision may cost. */
  public static final double LIMIT_F32 = 1e-5;

  /** The same in double precision. */
  public static final double LIMIT_F64 = 1e-12;

  /** Keeps the lists as they are. */
  public Audit {
    findings = List.copyOf(findings);
    unaudited = List.copyOf(unaudited);
  }

  /** Audits a trace, with the limit of its backend's precision. */
  public static Audit of(Trace trace) {
    return of(trace, site -> {});
  }

  /**
   * Audits a trace.
   *
   * @param progress is told each site before it is looked at
   */
  public static Audit of(Trace trace, Consumer<Site> progress) {
    Identities identities = new Identities(trace);
    List<Finding> findings = new ArrayList<>();
    List<Site> unaudited = new ArrayList<>();
    for (Site site : trace.sites()) {
      progress.accept(site);
      Optional<Identity> identity = identities.of(site);
      if (identity.isPresent()) {
        Identity known = identity.get();
        findings.add(
            Finding.between(site, known.formula(), known.exact(), known.sum(), known.value()));
      } else {
        unaudited.add(site);
      }
    }
    findings.addAll(new Accumulation(trace).findings());
    boolean isDouble = trace.model().backend().isDouble();
    return new Audit(findings, unaudited, isDouble ? LIMIT_F64 : LIMIT_F32);
  }

  /** Whether every identity holds. */
  public boolean holds() {
    return broken().isEmpty();
  }

  /** The identities that do not hold. */
  public List<Finding> broken() {
    return findings.stream().filter(finding -> !finding.holds(limit)).toList();
  }

  /** The one that holds worst: a broken one before others, then by the relative error. */
  public Finding worst() {
    return findings.stream()
        .max(
            Comparator.comparing((Finding finding) -> !finding.holds(limit))
                .thenComparingDouble(Finding::relative))
        .orElseThrow();
  }
}
