package dev.vitrine.cli.explain;

import java.util.Locale;

/** Numbers as these verbs print them. */
final class Numbers {
  private Numbers() {}

  /** The fewest digits that tell it from its neighbours: of a float, a float's. */
  static String shortest(double value) {
    return value == (float) value ? Float.toString((float) value) : Double.toString(value);
  }

  /** A number that stands beside another: two digits more than a float shows, if that is one. */
  static String beside(double value, double other) {
    return other == (float) other && Double.isFinite(value)
        ? String.format(Locale.ROOT, "%.9g", value)
        : Double.toString(value);
  }
}
