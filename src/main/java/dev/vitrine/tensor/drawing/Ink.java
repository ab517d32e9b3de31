package dev.vitrine.tensor.drawing;

/** The colours of numbers: white for zero, towards blue above it and towards orange below. */
public final class Ink {
  private static final int[][] ABOVE = {
    {247, 249, 252}, {198, 219, 242}, {126, 171, 222}, {58, 112, 186}, {24, 60, 122}
  };
  private static final int[][] BELOW = {
    {247, 249, 252}, {250, 218, 190}, {242, 167, 108}, {211, 104, 40}, {128, 50, 8}
  };

  private Ink() {}

  /**
   * The colour of a share of the scale.
   *
   * @param share from -1 to 1
   * @return red, green and blue, from 0 to 255
   */
  public static int[] rgb(double share) {
    int[][] ramp = share < 0 ? BELOW : ABOVE;
    double at = Math.min(Math.abs(share), 1) * (ramp.length - 1);
    int low = Math.min((int) at, ramp.length - 2);
    int[] colour = new int[3];
    for (int i = 0; i < 3; i++) {
      colour[i] = (int) Math.round(ramp[low][i] + (at - low) * (ramp[low + 1][i] - ramp[low][i]));
    }
    return colour;
  }
}
