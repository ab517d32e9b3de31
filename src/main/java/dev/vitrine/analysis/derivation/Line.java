package dev.vitrine.analysis.derivation;

import java.util.List;

/** A line of a derivation: a sum, or a step that needs no sum. */
public sealed interface Line {

  /** What is computed. */
  String name();

  /** What it comes to. */
  double value();

  /**
   * A sum, in the order in which it is added.
   *
   * @param terms all of them
   * @param parts the sums of its parts: blocks that are added in order, or partial sums that are
   *     folded; see {@code kernels/CONTRACT.md}
   */
  record Sum(String name, List<Term> terms, List<Double> parts, double value) implements Line {
    /** Keeps the lists as they are. */
    public Sum {
      terms = List.copyOf(terms);
      parts = List.copyOf(parts);
    }
  }

  /**
   * One operation on numbers that are known.
   *
   * @param formula with the numbers in it
   */
  record Step(String name, String formula, double value) implements Line {}
}
