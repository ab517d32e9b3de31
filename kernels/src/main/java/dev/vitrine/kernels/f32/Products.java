package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Activation;
import org.jspecify.annotations.Nullable;

/**
 * Linear layers over packed weights: which part of the result is computed when, and by whom.
 *
 * <p>The rows are interleaved once, tile by tile; then the panels are shared among the threads. A
 * block of a panel stays in the nearest cache while all tiles pass over it, and their totals in the
 * next.
 */
final class Products {
  /** Below so many multiplications other threads cost more than they give. */
  private static final long WORTH_SHARING = 1 << 16;

  /** How many floats of x may be read again for every panel: they should stay in the cache. */
  private static final int ROWS_IN_CACHE = 1 << 18;

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
    share(
        x,
        matrix,
        (rows, panel, scratch) -> panel(rows, matrix, bias, activation, out, panel, scratch));
  }

  /** {@code out[r, b · out + j] = Σ_{i in block b} x[r, i] · matrix[i, j]}. */
  void blocks(FloatArray x, PackedMatrix matrix, FloatArray out) {
    share(x, matrix, (rows, panel, scratch) -> panelOfBlocks(rows, matrix, out, panel, scratch));
  }

  /** Some rows of x, as {@link Tiling} has them: {@code count} from row {@code first} on. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Rows(float[] data, int offset, int first, int count) {}

  /** Computes one panel's columns for some rows. */
  private interface PanelJob {
    void run(Rows rows, int panel, Scratch scratch);
  }

  private void share(FloatArray x, PackedMatrix matrix, PanelJob job) {
    int rows = x.rows();
    int in = matrix.in();
    int panels = matrix.panels();
    int rowsAtOnce = Math.clamp(ROWS_IN_CACHE / Math.max(1, in), 16, 1 << 16) & -16;
    int bands = Math.ceilDiv(rows, rowsAtOnce);
    boolean alone = (long) rows * in * matrix.out() < WORTH_SHARING;
    int chunk = alone ? Math.max(1, panels) : Math.ceilDiv(panels, threads * PARTS_PER_THREAD);
    int chunks = Math.ceilDiv(panels, Math.max(1, chunk));
    boolean single = rows == 1; // already as a tile has it
    float[] data = single ? x.data : interleaved(x);
    int offset = single ? x.at(0) : 0;
    Workers.run(
        alone ? 1 : threads,
        bands * chunks,
        (part, scratch) -> {
          int first = part / chunks * rowsAtOnce;
          int count = Math.min(rowsAtOnce, rows - first);
          Rows band = new Rows(data, offset + first * in, first, count);
          int end = Math.min((part % chunks + 1) * chunk, panels);
          for (int panel = part % chunks * chunk; panel < end; panel++) {
            job.run(band, panel, scratch);
          }
        });
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
            Tiling.interleave(x.data, x.at(r), x.stride, count, in, into, r * in);
          }
        });
    return into;
  }

  private void panel(
      Rows rows,
      PackedMatrix matrix,
      @Nullable FloatArray bias,
      @Nullable Activation activation,
      FloatArray out,
      int panel,
      Scratch scratch) {
    int width = matrix.width;
    float[] biases = bias == null ? null : bias.data;
    int bias0 = bias == null ? 0 : bias.at(0) + panel * width;
    float[] totals = scratch.tile(rows.count * width);
    int in = matrix.in();
    int i = 0;
    do { // once at least: a sum of nothing is zero, plus the bias
      int count = Math.min(matrix.block(), in - i);
      boolean last = i + count == in;
      block(rows, matrix, panel, i, count, i == 0, last ? biases : null, bias0, scratch, totals);
      i += count;
    } while (i < in);
    if (activation != null) {
      float[] room = scratch.activation(rows.count * width);
      kernels.activate(activation, totals, 0, totals, 0, rows.count * width, room);
    }
    copy(totals, rows, matrix, panel, out, 0);
  }

  private void panelOfBlocks(
      Rows rows, PackedMatrix matrix, FloatArray out, int panel, Scratch scratch) {
    float[] sums = scratch.tile(rows.count * matrix.width);
    for (int i = 0; i < matrix.in(); i += matrix.block()) {
      int count = Math.min(matrix.block(), matrix.in() - i);
      block(rows, matrix, panel, i, count, true, null, 0, scratch, sums);
      copy(sums, rows, matrix, panel, out, i / matrix.block() * matrix.out());
    }
  }

  /** The sums over {@code count} elements from {@code i} on, tile by tile. */
  private void block(
      Rows rows,
      PackedMatrix matrix,
      int panel,
      int i,
      int count,
      boolean first,
      float @Nullable [] bias,
      int bias0,
      Scratch scratch,
      float[] totals) {
    int width = matrix.width;
    if (rows.count == 1) {
      int x0 = rows.offset + i;
      matrix.row(kernels, rows.data, x0, panel, i, count, first, bias, bias0, totals, scratch.sums);
      return;
    }
    float[] w = matrix.floats(kernels, panel, i, count, scratch);
    int w0 = matrix.floatsAt(panel, i);
    int tile;
    for (int r = 0; r < rows.count; r += tile) {
      tile = Tiling.rows(rows.count - r, kernels.tileRows());
      kernels.tile(
          rows.data,
          rows.offset + r * matrix.in() + i * tile,
          tile,
          w,
          w0,
          count,
          first,
          bias,
          bias0,
          totals,
          r * width,
          width,
          scratch.sums);
    }
  }

  /** Writes a panel's totals to the columns of {@code out} where it stands, {@code column} on. */
  private static void copy(
      float[] totals, Rows rows, PackedMatrix matrix, int panel, FloatArray out, int column) {
    int width = matrix.width;
    int columns = Math.min(width, matrix.out() - panel * width);
    for (int r = 0; r < rows.count; r++) {
      int at = out.at(rows.first + r) + column + panel * width;
      System.arraycopy(totals, r * width, out.data, at, columns);
    }
  }
}
