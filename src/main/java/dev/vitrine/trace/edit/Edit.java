package dev.vitrine.trace.edit;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A change to a run: a {@link Target} and what becomes of it. Whatever reads the target afterwards
 * reads the new value; edits of one site apply in their order.
 *
 * <p>{@code trace.with(Edit.zero(Site.z(3).at(HEAD, 1)))} is the trace as it would have been
 * without that head.
 *
 * @param target where
 * @param operation what
 */
public record Edit(Target target, Operation operation) {

  /** {@code x = 0}: zero ablation. */
  public static Edit zero(Target target) {
    return set(target, 0);
  }

  /** {@code x = 0} at a whole site. */
  public static Edit zero(Site site) {
    return zero(Target.of(site));
  }

  /** {@code x = value}; a score of negative infinity knocks an edge of attention out. */
  public static Edit set(Target target, double value) {
    return new Edit(target, new Operation.Fill(value));
  }

  /**
   * {@code x = values}.
   *
   * @param values some of the region's axes, each as long as there or of size 1
   */
  public static Edit set(Target target, Tensor values) {
    return new Edit(target, new Operation.Assign(values));
  }

  /** {@code x = factor · x}. */
  public static Edit scale(Target target, double factor) {
    return new Edit(target, new Operation.Scale(factor));
  }

  /** {@code x = x + values}: steering. */
  public static Edit add(Target target, Tensor values) {
    return add(target, values, 1);
  }

  /** {@code x = x + scale · values}. */
  public static Edit add(Target target, Tensor values, double scale) {
    return new Edit(target, new Operation.Add(values, scale));
  }

  /**
   * {@code x = mean of x over axes of the region}: mean ablation. With {@link Axis#BATCH} it is the
   * mean of all traces that are edited together. The mean is taken once, when the edit is first
   * applied; positions that come later get the same value where it is a mean over positions, and
   * keep their own where it is not.
   */
  public static Edit mean(Target target, Axis... over) {
    return new Edit(target, new Operation.Mean(axes(over)));
  }

  /** {@code x = mean of the same region in other traces} over axes of it. */
  public static Edit mean(Target target, Iterable<Trace> of, Axis... over) {
    return new Edit(target, new Operation.PatchMean(list(of), axes(over)));
  }

  /**
   * {@code x = the same region of another trace}: activation patching.
   *
   * @param from of as many tokens, unless the target names positions that it has
   */
  public static Edit patch(Target target, Trace from) {
    return new Edit(target, new Operation.Patch(List.of(from)));
  }

  /** For a batch: each trace is patched from the one at the same place. */
  public static Edit patch(Target target, Iterable<Trace> from) {
    return new Edit(target, new Operation.Patch(list(from)));
  }

  /** Resample ablation: patched from one of some traces, which the seed picks. */
  public static Edit resample(Target target, Iterable<Trace> from, long seed) {
    List<Trace> pool = list(from);
    if (pool.isEmpty()) {
      throw new IllegalArgumentException("there is no trace to resample " + target + " from");
    }
    return patch(target, pool.get(new Random(seed).nextInt(pool.size())));
  }

  /**
   * {@code x = function(x)}. It gets the region with the site's own axes and labels, and gives back
   * values for it. It is asked once for each position: what it said stays.
   */
  public static Edit compute(Target target, UnaryOperator<Tensor> function) {
    return new Edit(target, new Operation.Compute(function));
  }

  /**
   * Every layer norm's scale as it is in {@code base}: the model becomes linear but for the rest.
   */
  public static List<Edit> freezeLayerNorms(Trace base) {
    return freeze(base, EnumSet.of(Hook.LN1_SCALE, Hook.LN2_SCALE, Hook.LN_FINAL_SCALE));
  }

  /** Every attention pattern as it is in {@code base}. */
  public static List<Edit> freezePatterns(Trace base) {
    return freeze(base, EnumSet.of(Hook.PATTERN));
  }

  private static List<Edit> freeze(Trace base, Set<Hook> hooks) {
    List<Edit> edits = new ArrayList<>();
    for (Site site : base.sites()) {
      if (hooks.contains(site.hook())) {
        edits.add(patch(Target.of(site), base));
      }
    }
    return edits;
  }

  private static Set<Axis> axes(Axis... over) {
    EnumSet<Axis> axes = EnumSet.noneOf(Axis.class);
    Collections.addAll(axes, over);
    return axes;
  }

  private static List<Trace> list(Iterable<Trace> traces) {
    List<Trace> list = new ArrayList<>();
    traces.forEach(list::add);
    return list;
  }

  /** One line for people: {@code blocks.3.attn.hook_z[head=1] = 0}. */
  @Override
  public String toString() {
    return switch (operation) {
      case Operation.Fill fill -> "%s = %s".formatted(target, number(fill.value()));
      case Operation.Assign assign -> "%s = %s".formatted(target, assign.values().title());
      case Operation.Scale scale -> "%s × %s".formatted(target, number(scale.factor()));
      case Operation.Add add ->
          "%s + %s%s"
              .formatted(
                  target,
                  add.scale() == 1 ? "" : number(add.scale()) + " · ",
                  add.values().title());
      case Operation.Mean mean -> "%s = its mean over %s".formatted(target, names(mean.over()));
      case Operation.Compute compute -> "%s = a function of it".formatted(target);
      case Operation.Patch patch -> "%s = its value in %s".formatted(target, many(patch.sources()));
      case Operation.PatchMean mean ->
          "%s = its mean over %s in %s".formatted(target, names(mean.over()), many(mean.sources()));
    };
  }

  private static String many(List<Trace> traces) {
    return traces.size() == 1 ? "another trace" : traces.size() + " other traces";
  }

  private static String names(Set<Axis> axes) {
    return axes.isEmpty()
        ? "nothing"
        : String.join(" and ", axes.stream().map(Axis::toString).toList());
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
