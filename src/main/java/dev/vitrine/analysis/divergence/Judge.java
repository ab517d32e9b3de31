package dev.vitrine.analysis.divergence;

import dev.vitrine.analysis.formula.Assumptions;
import dev.vitrine.analysis.formula.Computed;
import dev.vitrine.analysis.formula.Formulas;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells noise from fault, site by site, by fp64: each site of a side is computed again in double
 * precision from that side's own parents, and may lie no further from it than rounding leads. So
 * what went wrong before does not count again.
 *
 * <p>A file may lack a parent. Then it is computed in turn from those that are there, and what
 * rounding may cost is measured: eight times the error that a run in single precision makes at that
 * site, or 32 units of the largest element's last place.
 */
final class Judge {
  private final Side side;
  private final Trace exact;
  private final Side gauge;
  private final Formulas formulas;
  private final Map<Site, Tensor> inferred = new HashMap<>();

  /**
   * @param exact the run in double precision
   * @param gauge the same run in single precision
   */
  Judge(Side side, Trace exact, Side gauge) {
    this.side = side;
    this.exact = exact;
    this.gauge = gauge;
    this.formulas = new Formulas(Assumptions.of(exact.model()), exact.tokens().ids(), this::parent);
  }

  Side side() {
    return side;
  }

  Formulas formulas() {
    return formulas;
  }

  /** A tensor of the side, or what it must have been. */
  Tensor parent(Site site) {
    if (side.has(site)) {
      return side.tensor(site);
    }
    Tensor known = inferred.get(site);
    if (known == null) {
      known = formulas.of(site).value();
      inferred.put(site, known);
    }
    return known;
  }

  /** The side's error at a site, in units of what rounding may cost. */
  double error(Site site) {
    return error(site, formulas.of(site));
  }

  /** The error if the site should be this. */
  double error(Site site, Computed should) {
    List<Site> parents = site.hook().parents(site.layer(), exact.model().config());
    boolean whole = parents.stream().allMatch(side::has);
    Tensor value = side.tensor(site);
    double least = whole ? 0 : measured(site);
    return worst(aligned(should.value(), value), value, aligned(should.cost(), value), least);
  }

  /**
   * How far the side is from the whole run in double precision, relative to its largest element.
   */
  double fromReference(Site site) {
    Tensor truth = exact.tensor(site).withoutView();
    double largest = largest(truth);
    double distance = aligned(truth, side.tensor(site)).maxAbsDifference(plain(side.tensor(site)));
    return distance == 0 ? 0 : distance / largest;
  }

  /** The error against a whole run, in units of what a run in single precision costs. */
  double errorAgainst(Trace run, Site site) {
    Tensor truth = run.tensor(site).withoutView();
    Tensor value = side.tensor(site);
    Tensor none = truth.map(x -> 0);
    return worst(aligned(truth, value), value, aligned(none, value), measured(site));
  }

  private double measured(Site site) {
    Tensor truth = exact.tensor(site).withoutView();
    double error = plain(gauge.tensor(site)).maxAbsDifference(truth);
    double floor = 32 * side.unit() * largest(truth);
    return Math.max(Double.isFinite(error) ? 8 * error * side.unit() / gauge.unit() : 0, floor);
  }

  private static Tensor plain(Tensor tensor) {
    return Formulas.wide(tensor);
  }

  private static Tensor aligned(Tensor tensor, Tensor like) {
    return tensor.permute(like.axes().toArray(Axis[]::new));
  }

  private static double largest(Tensor tensor) {
    double[] largest = {0};
    tensor.forEach(
        x -> largest[0] = Double.isFinite(x) ? Math.max(largest[0], Math.abs(x)) : largest[0]);
    return largest[0];
  }

  private double worst(Tensor should, Tensor is, Tensor cost, double least) {
    double[] wanted = should.doubles();
    double[] found = is.doubles();
    double[] costs = cost.doubles();
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      if (wanted[i] == found[i] || (Double.isNaN(wanted[i]) && Double.isNaN(found[i]))) {
        continue;
      }
      // Near the least float there is, what is rounded is a few of it, whatever the number.
      double room = Math.max(costs[i] * side.unit(), least) + 4 * Float.MIN_VALUE;
      double error = Math.abs(wanted[i] - found[i]) / room;
      worst = Math.max(worst, Double.isNaN(error) ? Double.POSITIVE_INFINITY : error);
    }
    return worst;
  }
}
