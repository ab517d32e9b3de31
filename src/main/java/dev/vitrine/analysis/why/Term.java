package dev.vitrine.analysis.why;

import dev.vitrine.trace.edit.Target;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A summand of a logit, which is itself a sum.
 *
 * <p>Its parts add up to its value, but for rounding: {@link #remainder()} is what is left.
 */
public final class Term {

  /** What a term stands for. */
  public enum Kind {
    /** The logit, or a difference of two. */
    LOGIT,
    /** The embedding of a token or of a position. */
    EMBEDDING,
    /** What an attention head wrote. */
    HEAD,
    /** What a head moved from one position. */
    SOURCE,
    /** What an MLP wrote. */
    MLP,
    /** What one neuron wrote. */
    NEURON,
    /** A bias, which no prompt changes. */
    BIAS
  }

  private final Kind kind;
  private final String label;
  private final double value;
  private final @Nullable Target ablation;
  private final Supplier<List<Term>> maker;
  private @Nullable List<Term> parts;

  Term(
      Kind kind,
      String label,
      double value,
      @Nullable Target ablation,
      Supplier<List<Term>> maker) {
    this.kind = kind;
    this.label = label;
    this.value = value;
    this.ablation = ablation;
    this.maker = maker;
  }

  /** A term without parts. */
  static Term leaf(Kind kind, String label, double value, @Nullable Target ablation) {
    return new Term(kind, label, value, ablation, List::of);
  }

  /** What it stands for. */
  public Kind kind() {
    return kind;
  }

  /** Its short name, such as {@code L3H1} or {@code from 5 " Mary"}. */
  public String label() {
    return label;
  }

  /** What it adds to the logit, under the convention of {@link Why#CONVENTION}. */
  public double value() {
    return value;
  }

  /** What to set to zero to be without it; empty where it is a bias. */
  public Optional<Target> ablation() {
    return Optional.ofNullable(ablation);
  }

  /** What it is the sum of, in the order of computation; none if it is not taken apart further. */
  public synchronized List<Term> parts() {
    List<Term> known = parts;
    if (known == null) {
      known = List.copyOf(maker.get());
      parts = known;
    }
    return known;
  }

  /** The parts of the largest absolute value, largest first. */
  public List<Term> largest(int count) {
    return parts().stream()
        .sorted(Comparator.comparingDouble((Term part) -> -Math.abs(part.value)))
        .limit(count)
        .toList();
  }

  /** The value less the sum of the parts: rounding. 0 where there are no parts. */
  public double remainder() {
    List<Term> all = parts();
    return all.isEmpty() ? 0 : value - all.stream().mapToDouble(Term::value).sum();
  }

  @Override
  public String toString() {
    return "%s %+.4f".formatted(label, value);
  }
}
