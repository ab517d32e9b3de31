package dev.vitrine.kernels.f32;

/** Room for intermediate results, one for each thread, kept from operation to operation. */
final class Scratch {
  /** Room for the partial sums of one row. */
  final float[] partials = new float[Kernels.PARTIALS];

  private float[] tile = new float[0];
  private float[] scores = new float[0];

  /** Room for results that stick out of their array. */
  float[] tile(int length) {
    if (tile.length < length) {
      tile = new float[length];
    }
    return tile;
  }

  /** Room for the scores of some queries. */
  float[] scores(int length) {
    if (scores.length < length) {
      scores = new float[Math.max(length, 2 * scores.length)];
    }
    return scores;
  }
}
