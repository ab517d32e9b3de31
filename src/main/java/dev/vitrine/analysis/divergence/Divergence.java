package dev.vitrine.analysis.divergence;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Difference;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Two computations of one run, site by site in the order of computation: where they first differ,
 * whether that is the noise of rounding or a fault, on which side, and what explains it.
 *
 * @param left the name of one
 * @param right the name of the other
 * @param parts every site that both have
 * @param faultySide the side whose fault is the first; empty if there is only noise
 * @param causes what was tried to explain the first fault, the best first
 */
public record Divergence(
    String left, String right, List<Part> parts, Optional<String> faultySide, List<Cause> causes) {

  /** Keeps the lists as they are. */
  public Divergence {
    parts = List.copyOf(parts);
    causes = List.copyOf(causes);
  }

  /** The first site that differs in its bits. */
  public Optional<Part> first() {
    return parts.stream().filter(part -> !part.same()).findFirst();
  }

  /** The first site that differs by more than noise. */
  public Optional<Part> fault() {
    return parts.stream().filter(Part::faulty).findFirst();
  }

  /** The cause that explains the fault, if one does. */
  public Optional<Cause> cause() {
    return causes.stream().findFirst().filter(Cause::explains);
  }

  /**
   * Compares two sides.
   *
   * @param exact the model in double precision, which decides
   * @param gauge the run in single precision, which says what that costs
   * @param progress is told each site
   */
  public static Divergence between(
      Side left, Side right, Tokens tokens, Gpt2 exact, Side gauge, Consumer<Site> progress) {
    Trace truth = exact.trace(tokens);
    Judge leftJudge = new Judge(left, truth, gauge);
    Judge rightJudge = new Judge(right, truth, gauge);
    List<Part> parts = new ArrayList<>();
    Judge faulty = null;
    List<Cause> causes = List.of();
    for (Site site : Site.all(exact.config())) {
      progress.accept(site);
      if (!left.has(site) || !right.has(site)) {
        continue;
      }
      Part part = part(site, leftJudge, rightJudge);
      parts.add(part);
      if (faulty == null && part.faulty()) {
        faulty = part.leftError() > part.rightError() ? leftJudge : rightJudge;
        causes = new Suspects(faulty, truth, site).tried();
      }
    }
    Optional<String> side = Optional.ofNullable(faulty).map(judge -> judge.side().name());
    return new Divergence(left.name(), right.name(), parts, side, causes);
  }

  private static Part part(Site site, Judge leftJudge, Judge rightJudge) {
    Tensor left = leftJudge.side().tensor(site);
    double[] a = left.doubles();
    Tensor right = rightJudge.side().tensor(site);
    double[] b = right.permute(left.axes().toArray(Axis[]::new)).doubles();
    int worst = -1;
    long differing = 0;
    double most = -1;
    for (int i = 0; i < a.length; i++) {
      if (a[i] == b[i] || (Double.isNaN(a[i]) && Double.isNaN(b[i]))) {
        continue;
      }
      differing++;
      double distance = Math.abs(a[i] - b[i]);
      distance = Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
      if (distance > most) {
        most = distance;
        worst = i;
      }
    }
    boolean same = differing == 0;
    return new Part(
        site,
        a.length,
        differing,
        left.axes().stream().map(Axis::toString).toList(),
        same ? List.of() : Difference.coordinates(worst, left.shape()),
        same ? Double.NaN : a[worst],
        same ? Double.NaN : b[worst],
        same ? 0 : most / Math.ulp((float) b[worst]),
        same ? Double.NaN : leftJudge.error(site),
        same ? Double.NaN : rightJudge.error(site),
        same ? Double.NaN : leftJudge.fromReference(site),
        same ? Double.NaN : rightJudge.fromReference(site));
  }
}
