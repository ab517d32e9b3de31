package dev.vitrine.analysis.derivation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Writes the lines of a derivation, computing each as it is written. */
final class Lines {
  private final Arithmetic arithmetic;
  private final List<Line> lines = new ArrayList<>();

  Lines(Arithmetic arithmetic) {
    this.arithmetic = arithmetic;
  }

  List<Line> all() {
    return lines;
  }

  /** A number that is taken over as it is. */
  double taken(String name, String from, double value) {
    lines.add(new Line.Step(name, from, value));
    return value;
  }

  /** A number that an operation gave; it is rounded as the backend would store it. */
  double step(String name, String formula, double value) {
    double rounded = arithmetic.rounded(value);
    lines.add(new Line.Step(name, formula, rounded));
    return rounded;
  }

  /** {@code a · b + c}, in one operation. */
  double fma(String name, double a, double b, double c) {
    double value = arithmetic.fma(a, b, c);
    lines.add(new Line.Step(name, number(a) + " · " + number(b) + " + " + number(c), value));
    return value;
  }

  double plus(String name, double a, double b) {
    return step(name, number(a) + " + " + number(b), a + b);
  }

  /**
   * A product: blocks of terms, each from zero with fma; the blocks' sums are added in order.
   *
   * @param left names the first factors
   * @param right names the second factors
   */
  double product(
      String name,
      IntFunction<String> left,
      double[] a,
      IntFunction<String> right,
      double[] b,
      int block) {
    List<Term> terms = new ArrayList<>();
    List<Double> parts = new ArrayList<>();
    double partial = 0;
    for (int i = 0; i < a.length; i++) {
      int part = i / block;
      partial = arithmetic.fma(a[i], b[i], i % block == 0 ? 0 : partial);
      terms.add(new Term(left.apply(i), a[i], right.apply(i), b[i], part, partial));
      if (part == parts.size()) {
        parts.add(partial);
      } else {
        parts.set(part, partial);
      }
    }
    return sum(name, terms, parts);
  }

  /** Numbers added in order, each a part of its own. */
  double inOrder(String name, IntFunction<String> left, double... a) {
    List<Term> terms = new ArrayList<>();
    List<Double> parts = new ArrayList<>();
    for (int i = 0; i < a.length; i++) {
      terms.add(new Term(left.apply(i), a[i], "", 1, i, a[i]));
      parts.add(a[i]);
    }
    return sum(name, terms, parts);
  }

  private double sum(String name, List<Term> terms, List<Double> parts) {
    double total = parts.isEmpty() ? 0 : parts.getFirst();
    for (int part = 1; part < parts.size(); part++) {
      total = arithmetic.rounded(total + parts.get(part));
    }
    lines.add(new Line.Sum(name, terms, parts, total));
    return total;
  }

  /** A sum over a row: term c goes to partial sum {@code c mod 16}, then they are folded. */
  double spread(String name, IntFunction<String> left, double... a) {
    double[] sums = new double[arithmetic.partials()];
    List<Term> terms = new ArrayList<>();
    for (int c = 0; c < a.length; c++) {
      int part = c % sums.length;
      sums[part] = arithmetic.rounded(sums[part] + a[c]);
      terms.add(new Term(left.apply(c), a[c], "", 1, part, sums[part]));
    }
    return folded(name, terms, sums);
  }

  /** The same of squares. */
  double spreadSquares(String name, IntFunction<String> left, double... a) {
    double[] sums = new double[arithmetic.partials()];
    List<Term> terms = new ArrayList<>();
    for (int c = 0; c < a.length; c++) {
      int part = c % sums.length;
      sums[part] = arithmetic.fma(a[c], a[c], sums[part]);
      terms.add(new Term(left.apply(c), a[c], left.apply(c), a[c], part, sums[part]));
    }
    return folded(name, terms, sums);
  }

  private double folded(String name, List<Term> terms, double... sums) {
    List<Double> parts = new ArrayList<>();
    for (double sum : sums) {
      parts.add(sum);
    }
    double total = arithmetic.fold(sums);
    lines.add(new Line.Sum(name, terms, parts, total));
    return total;
  }

  /** A number as it is stored: of a float, a float's digits. */
  static String number(double value) {
    return value == (float) value ? Float.toString((float) value) : Double.toString(value);
  }
}
