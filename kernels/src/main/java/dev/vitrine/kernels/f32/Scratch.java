package dev.vitrine.kernels.f32;

/** Room for intermediate results, one for each thread, kept from operation to operation. */
final class Scratch {
  /** Room for the partial sums of one row. */
  final float[] partials = new float[Kernels.PARTIALS];

  /** Room for the block sums of one tile. */
  final float[] sums = new float[Kernels.MAX_TILE * Kernels.MAX_WIDTH];

  /** Room for the sums of a block in which the rows of a tile part. */
  final float[] block = new float[Kernels.MAX_TILE * Kernels.MAX_WIDTH];

  private float[] tile = new float[0];
  private float[] interleaved = new float[0];
  private float[] scores = new float[0];
  private float[] queries = new float[0];
  private float[] activation = new float[0];
  private float[] widened = new float[0];

  /** Room for results that stick out of their array. */
  float[] tile(int length) {
    if (tile.length < length) {
      tile = new float[length];
    }
    return tile;
  }

  /** Room for rows in {@link Tiling}; those who share a job read the caller's. */
  float[] interleaved(int length) {
    if (interleaved.length < length) {
      interleaved = new float[length];
    }
    return interleaved;
  }

  /** Room for what an activation computes on its way. */
  float[] activation(int length) {
    if (activation.length < length) {
      activation = new float[length];
    }
    return activation;
  }

  /** Room for a block of reduced weights, widened. */
  float[] widened(int length) {
    if (widened.length < length) {
      widened = new float[length];
    }
    return widened;
  }

  /** Room for the queries of one part in {@link Tiling}. */
  float[] queries(int length) {
    if (queries.length < length) {
      queries = new float[length];
    }
    return queries;
  }

  /** Room for the scores of some queries. */
  float[] scores(int length) {
    if (scores.length < length) {
      scores = new float[Math.max(length, 2 * scores.length)];
    }
    return scores;
  }
}
