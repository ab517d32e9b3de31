package dev.vitrine.tensor.drawing;

/**
 * How a number becomes a shade or a colour.
 *
 * @param largest the number that has the full colour
 * @param isLogarithmic whether shades go by magnitude, from 1: so that places among thousands, of
 *     which the first few are what one looks for, are told apart
 */
public record Scale(double largest, boolean isLogarithmic) {
  private static final double MANY = 100;

  /**
   * The scale that suits numbers: logarithmic for places and counts, whole numbers from 1 to
   * hundreds and more; else linear, to 1 for shares, or to the largest.
   *
   * @param shares whether they are shares of 1
   */
  public static Scale of(Statistics statistics, boolean shares) {
    if (shares) {
      return new Scale(1, false);
    }
    boolean places = statistics.isWhole() && statistics.min() >= 1 && statistics.max() >= MANY;
    return new Scale(statistics.magnitude(), places);
  }

  /** The number's share of the full colour, from -1 to 1. */
  public double share(double number) {
    if (isLogarithmic) {
      return Math.log(number) / Math.log(largest);
    }
    return largest == 0 ? 0 : number / largest;
  }
}
