package dev.vitrine.analysis.divergence;

import dev.vitrine.analysis.formula.Assumptions;
import dev.vitrine.analysis.formula.Computed;
import dev.vitrine.analysis.formula.Formulas;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One faulty site, and what has been tried to explain it. A hypothesis is tried by computing the
 * site again as if it were so, from the parents that the faulty side has; what is left of the error
 * decides.
 */
final class Trial {
  final Judge judge;
  final Trace truth;
  final Config config;
  final Site site;
  final int layer;
  final Assumptions usual;
  final Formulas formulas;
  final Tensor found;
  final List<Cause> causes = new ArrayList<>();

  Trial(Judge judge, Trace truth, Site site) {
    this.judge = judge;
    this.truth = truth;
    this.config = truth.model().config();
    this.site = site;
    this.layer = site.layer();
    this.usual = Assumptions.of(truth.model());
    this.formulas = judge.formulas();
    this.found = Formulas.wide(judge.side().tensor(site));
  }

  void suspect(String statement, Computed should) {
    causes.add(new Cause(statement, judge.error(site, should), -1));
  }

  void suspect(String statement, Assumptions assumptions) {
    suspect(statement, formulas.under(assumptions).of(site));
  }

  void suspect(String statement, UnaryOperator<Tensor> change) {
    Computed usually = formulas.of(site);
    suspect(statement, usually.with(change.apply(usually.value())));
  }

  /** A parent, as the faulty side has it. */
  Tensor parent(Site of) {
    return Formulas.wide(judge.parent(of));
  }

  /** A weight of the layer, as it should be. */
  Tensor weight(Parameter parameter) {
    return Formulas.wide(usual.weights().apply(parameter, layer));
  }

  /** What is too much in each element. */
  Tensor error() {
    return found.minus(formulas.of(site).value());
  }

  /** 1 where the side is further off than rounding leads, else 0. */
  Tensor off() {
    Computed usually = formulas.of(site);
    Axis[] order = found.axes().toArray(Axis[]::new);
    double[] wanted = usually.value().permute(order).doubles();
    double[] room = usually.cost().permute(order).times(judge.side().unit()).doubles();
    double[] off = found.doubles();
    for (int i = 0; i < off.length; i++) {
      off[i] = Math.abs(off[i] - wanted[i]) > room[i] ? 1 : 0;
    }
    return Tensor.of(off, found.dimensions().toArray(Dimension[]::new));
  }

  /** The place of the first 1. */
  static int[] place(Tensor off) {
    double[] elements = off.doubles();
    int at = 0;
    while (elements[at] == 0) {
      at++;
    }
    int[] shape = off.shape();
    int[] place = new int[shape.length];
    for (int i = shape.length - 1; i >= 0; i--) {
      place[i] = at % shape[i];
      at /= shape[i];
    }
    return place;
  }
}
