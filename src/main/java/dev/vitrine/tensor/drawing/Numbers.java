package dev.vitrine.tensor.drawing;

import java.util.Locale;

/** One format for numbers that stand together, whatever the locale. */
public final class Numbers {
  private static final int SIGNIFICANT = 4;

  private final String format;

  private Numbers(String format) {
    this.format = format;
  }

  /**
   * Whole numbers below a million as such; otherwise four significant digits of the largest, or the
   * scientific notation where that would be too long.
   */
  public static Numbers forMagnitude(double magnitude, boolean whole) {
    if (whole && magnitude < 1e6) {
      return new Numbers("%.0f");
    }
    if (magnitude >= 1e6 || (magnitude < 1e-3 && magnitude > 0)) {
      return new Numbers("%.2e");
    }
    int before = magnitude < 1 ? 0 : (int) Math.log10(magnitude) + 1;
    return new Numbers("%." + Math.max(1, SIGNIFICANT - before) + "f");
  }

  /** A number in this format. */
  public String text(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    return String.format(Locale.ROOT, format, number);
  }

  /** All digits that tell a number from its neighbours in its own precision. */
  public static String exact(double number, boolean isDouble) {
    if (!Double.isFinite(number)) {
      return forMagnitude(0, true).text(number);
    }
    return isDouble ? Double.toString(number) : Float.toString((float) number);
  }
}
