package dev.vitrine.generate;

/** Refuses a setting in one line that says what it may be. */
final class Require {

  private Require() {}

  static void that(boolean holds, String message, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(value));
    }
  }

  static void temperature(double temperature) {
    that(
        temperature > 0 && temperature < Double.POSITIVE_INFINITY,
        "temperature must be above 0, not %s (for the likeliest token each time use greedy)",
        temperature);
  }

  /** Above 0, and 1 means all. */
  static void share(String name, double share) {
    that(share > 0 && share <= 1, name + " must be above 0 and at most 1, not %s", share);
  }

  static void fraction(String name, double fraction) {
    that(fraction > 0 && fraction < 1, name + " must be between 0 and 1, not %s", fraction);
  }
}
