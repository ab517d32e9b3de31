package dev.vitrine.analysis.derivation;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * One element of one site, computed again by hand from its parents: every term, every partial sum,
 * every step, in the order in which the backend adds. The result has the very bits of the element
 * in the trace; where an edit set the element, or a parent in between, it has not.
 *
 * <p>Nothing but the elements of the parents and the weights is taken from the model; exp, tanh and
 * their like are the kernels' own.
 *
 * @param site which site
 * @param axes its axes
 * @param indices the element, an index for each axis
 * @param lines what is computed, in order; the last is the result
 * @param computed the result
 * @param stored the element in the trace
 */
public record Derivation(
    Site site,
    List<Axis> axes,
    List<Integer> indices,
    List<Line> lines,
    double computed,
    double stored) {

  private static final int SHOWN = 8;

  /** Keeps the lists as they are. */
  public Derivation {
    axes = List.copyOf(axes);
    indices = List.copyOf(indices);
    lines = List.copyOf(lines);
  }

  /**
   * Computes an element again.
   *
   * @param indices one for each axis of the site, in order; a negative one counts from the end
   * @throws IllegalArgumentException if the model has no such site, or there are more or fewer
   *     indices than axes
   * @throws IndexOutOfBoundsException if there is no such element
   */
  public static Derivation of(Trace trace, Site site, int... indices) {
    Tensor tensor = trace.tensor(site);
    double stored = tensor.get(indices);
    int[] shape = tensor.shape();
    int[] resolved = indices.clone();
    List<Integer> listed = new ArrayList<>();
    for (int i = 0; i < resolved.length; i++) {
      resolved[i] += resolved[i] < 0 ? shape[i] : 0;
      listed.add(resolved[i]);
    }
    Deriver deriver = new Deriver(trace, site, resolved);
    double computed = deriver.value();
    return new Derivation(site, tensor.axes(), listed, deriver.lines(), computed, stored);
  }

  /** Whether the result is the trace's element, to the bit; a NaN is a NaN. */
  public boolean sameBits() {
    return Double.compare(computed, stored) == 0;
  }

  /** The element's name, such as {@code blocks.0.attn.hook_q[position=2,head=1,d_head=0]}. */
  public String name() {
    StringJoiner where = new StringJoiner(",", "[", "]");
    for (int i = 0; i < axes.size(); i++) {
      where.add(axes.get(i) + "=" + indices.get(i));
    }
    return site.name() + where;
  }

  /** Writes it down, of each sum the terms that weigh most. */
  @Override
  public String toString() {
    return text(SHOWN);
  }

  /**
   * Writes it down.
   *
   * @param most how many terms of a sum to show: if there are more, those that weigh most
   */
  public String text(int most) {
    StringJoiner text = new StringJoiner("\n");
    text.add(name() + " = " + Lines.number(stored));
    text.add("  " + site.hook().formula());
    for (Line line : lines) {
      switch (line) {
        case Line.Sum sum -> add(text, sum, most);
        case Line.Step step ->
            text.add(
                "  %s = %s = %s"
                    .formatted(step.name(), step.formula(), Lines.number(step.value())));
      }
    }
    text.add(
        sameBits()
            ? "  the same bits as in the trace"
            : "  the trace has " + Lines.number(stored) + ": an edit lies between");
    return text.toString();
  }

  private static void add(StringJoiner text, Line.Sum sum, int most) {
    int parts = sum.parts().size();
    text.add(
        "  %s = %s  (%d %s%s)"
            .formatted(
                sum.name(),
                Lines.number(sum.value()),
                sum.terms().size(),
                sum.terms().size() == 1 ? "term" : "terms",
                parts > 1 ? " in " + parts + " parts" : ""));
    Stream<Term> shown = sum.terms().stream();
    boolean all = sum.terms().size() <= most;
    if (!all) {
      shown =
          shown.sorted(Comparator.comparingDouble((Term t) -> -Math.abs(t.product()))).limit(most);
    }
    double[] left = {sum.terms().stream().mapToDouble(Term::product).sum()};
    shown.forEach(term -> {
      left[0] -= term.product();
      String product =
          term.right().isEmpty()
              ? term.left()
              : "%s · %s: %s · %s"
                  .formatted(
                      term.left(), term.right(), Lines.number(term.a()), Lines.number(term.b()));
      text.add(String.format(Locale.ROOT, "    %+13.6g  %s", term.product(), product));
    });
    if (!all) {
      text.add(
          String.format(Locale.ROOT, "    %+13.6g  %d others", left[0], sum.terms().size() - most));
    }
  }
}
