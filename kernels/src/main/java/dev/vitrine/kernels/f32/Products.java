package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Activation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Linear layers over packed weights: which part of the result is computed by whom. The rows are
 * interleaved once, tile by tile; then the panels are shared among the threads.
 */
final class Products {
  /** Below so many multiplications other threads cost more than they give. */
  private static final long WORTH_SHARING = 1 << 16;

  /** The most rows that are computed at once. */
  private static final int ROWS_AT_ONCE = 1 << 11;

  /** So many floats are worth another thread to interleave them. */
  private static final int FLOATS_IN_A_PART = 1 << 13;

  /** So many parts for each thread that a slow one does not keep the others waiting. */
  private static final int PARTS_PER_THREAD = 4;

  private final Kernels kernels;
  private final int threads;

  Products(Kernels kernels, int threads) {
    this.kernels = kernels;
    this.threads = threads;
  }

  /** {@code out[r, j] = activation(Σ_i x[r, i] · matrix[i, j] + bias[j])}. */
  void product(
      FloatArray x,
      PackedMatrix matrix,
      @Nullable FloatArray bias,
      @Nullable Activation activation,
      FloatArray out) {
    share(x, matrix, (sums, from, to) -> sums.product(bias, activation, out, from, to));
  }

  /** {@code out[r, b · out + j] = Σ_{i in block b} x[r, i] · matrix[i, j]}. */
  void blocks(FloatArray x, PackedMatrix matrix, FloatArray out) {
    share(x, matrix, (sums, from, to) -> sums.blocks(out, from, to));
  }

  /** Computes panels {@code from … to - 1}. */
  private interface Part {
    void run(PanelSums sums, int from, int to);
  }

  private void share(FloatArray x, PackedMatrix matrix, Part job) {
    int rows = x.rows();
    if (rows == 1) {
      shareRow(x, matrix, job);
      return;
    }
    int in = matrix.in();
    int panels = matrix.panels();
    int bands = Math.ceilDiv(rows, ROWS_AT_ONCE);
    int tile = kernels.tileRows(); // no tile may lie across two bands
    int rowsInBand = Math.ceilDiv(Math.ceilDiv(rows, Math.max(1, bands)), tile) * tile;
    boolean alone = (long) rows * in * matrix.out() < WORTH_SHARING;
    int together = matrix.together();
    int share = Math.ceilDiv(panels, (alone ? 1 : threads * PARTS_PER_THREAD) * together);
    int chunk = Math.max(1, share) * together;
    int chunks = Math.ceilDiv(panels, chunk);
    float[] data = interleaved(x);
    Workers.run(
        alone ? 1 : threads,
        bands * chunks,
        (part, scratch) -> {
          int first = part / chunks * rowsInBand;
          int count = Math.min(rowsInBand, rows - first);
          PanelSums.Rows band = new PanelSums.Rows(data, first * in, first, count);
          int from = part % chunks * chunk;
          int to = Math.min(from + chunk, panels);
          job.run(new PanelSums(kernels, matrix, band, scratch), from, to);
        });
  }

  /** One row, which is already as a tile has it. */
  private void shareRow(FloatArray x, PackedMatrix matrix, Part job) {
    int panels = matrix.panels();
    int together = matrix.together();
    boolean alone = (long) matrix.in() * matrix.out() < WORTH_SHARING;
    int sharers = alone ? 1 : threads;
    int[] ends = falling(Math.ceilDiv(panels, together), sharers);
    PanelSums.Rows row = new PanelSums.Rows(x.data, x.at(0), 0, 1);
    Workers.run(
        sharers,
        ends.length,
        (part, scratch) -> {
          int from = part == 0 ? 0 : ends[part - 1] * together;
          int to = Math.min(ends[part] * together, panels);
          job.run(new PanelSums(kernels, matrix, row, scratch), from, to);
        });
  }

  /**
   * Where parts end that become smaller and smaller: the first ones go through memory for long, and
   * at the last ones all threads finish at nearly the same time, whoever began late.
   */
  private static int[] falling(int whole, int threads) {
    if (threads == 1) {
      return new int[] {whole};
    }
    int[] ends = new int[whole];
    int parts = 0;
    int end = 0;
    while (end < whole) {
      end += Math.max(1, (whole - end) / (2 * threads));
      ends[parts++] = end;
    }
    return Arrays.copyOf(ends, parts);
  }

  /** The rows of x in {@link Tiling}, in the caller's own room. */
  private float[] interleaved(FloatArray x) {
    int rows = x.rows();
    int in = x.columns();
    int most = kernels.tileRows();
    float[] into = Workers.scratch().interleaved(Math.multiplyExact(rows, in));
    int rowsInPart = Math.max(1, FLOATS_IN_A_PART / Math.max(1, in) / most) * most;
    Workers.run(
        threads,
        Math.ceilDiv(rows, rowsInPart),
        (part, scratch) -> {
          int end = Math.min((part + 1) * rowsInPart, rows);
          int count;
          for (int r = part * rowsInPart; r < end; r += count) {
            count = Tiling.rows(end - r, most);
            kernels.interleave(x.data, x.at(r), x.stride, count, in, into, r * in);
          }
        });
    return into;
  }
}
