package dev.vitrine.kernels.f32;

import org.jspecify.annotations.Nullable;

/** Linear layers over packed weights: which part of the result is computed when, and by whom. */
final class Products {
  /** Below so many multiplications other threads cost more than they give. */
  private static final long WORTH_SHARING = 1 << 16;

  /** How many floats of x may be read again for every panel: they should stay in the cache. */
  private static final int ROWS_IN_CACHE = 1 << 18;

  /** So many parts for each thread that a slow one does not keep the others waiting. */
  private static final int PARTS_PER_THREAD = 4;

  private final Kernels kernels;
  private final int threads;

  Products(Kernels kernels, int threads) {
    this.kernels = kernels;
    this.threads = threads;
  }

  /** {@code out[r, j] = Σ_i x[r, i] · matrix[i, j] + bias[j]}. */
  void product(FloatArray x, PackedMatrix matrix, @Nullable FloatArray bias, FloatArray out) {
    share(x, matrix, (panel, row, rows, s) -> panel(x, matrix, bias, out, panel, row, rows, s));
  }

  /** {@code out[r, b · out + j] = Σ_{i in block b} x[r, i] · matrix[i, j]}. */
  void blocks(FloatArray x, PackedMatrix matrix, FloatArray out) {
    share(x, matrix, (panel, row, rows, s) -> panelOfBlocks(x, matrix, out, panel, row, rows, s));
  }

  /** Computes one panel's columns for some rows. */
  private interface PanelJob {
    void run(int panel, int row, int rows, Scratch scratch);
  }

  private void share(FloatArray x, PackedMatrix matrix, PanelJob job) {
    int rows = x.rows();
    int panels = matrix.panels();
    int rowsAtOnce = Math.clamp(ROWS_IN_CACHE / Math.max(1, matrix.in()), 16, 1 << 16) & -16;
    int bands = Math.ceilDiv(rows, rowsAtOnce);
    boolean alone = (long) rows * matrix.in() * matrix.out() < WORTH_SHARING;
    int chunk = alone ? Math.max(1, panels) : Math.ceilDiv(panels, threads * PARTS_PER_THREAD);
    int chunks = Math.ceilDiv(panels, Math.max(1, chunk));
    Workers.run(
        alone ? 1 : threads,
        bands * chunks,
        (part, scratch) -> {
          int row = part / chunks * rowsAtOnce;
          int count = Math.min(rowsAtOnce, rows - row);
          int end = Math.min((part % chunks + 1) * chunk, panels);
          for (int panel = part % chunks * chunk; panel < end; panel++) {
            job.run(panel, row, count, scratch);
          }
        });
  }

  private void panel(
      FloatArray x,
      PackedMatrix matrix,
      @Nullable FloatArray bias,
      FloatArray out,
      int panel,
      int row,
      int rows,
      Scratch scratch) {
    int width = matrix.width;
    int column = panel * width;
    int columns = Math.min(width, matrix.out() - column);
    boolean whole = columns == width;
    float[] into = whole ? out.data : scratch.tile(rows * width);
    int into0 = whole ? out.at(row) + column : 0;
    int intoStride = whole ? out.stride : width;
    float[] biases = bias == null ? null : bias.data;
    int bias0 = bias == null ? 0 : bias.at(0) + column;
    int in = matrix.in();
    int i = 0;
    do { // once at least: a sum of nothing is zero, plus the bias
      int count = Math.min(matrix.block(), in - i);
      kernels.block(
          x.data,
          x.at(row) + i,
          x.stride,
          rows,
          matrix.data,
          matrix.panel(panel) + i * width,
          width,
          count,
          i == 0,
          i + count == in ? biases : null,
          bias0,
          into,
          into0,
          intoStride);
      i += count;
    } while (i < in);
    if (!whole) {
      copy(into, width, out, row, column, rows, columns);
    }
  }

  private void panelOfBlocks(
      FloatArray x,
      PackedMatrix matrix,
      FloatArray out,
      int panel,
      int row,
      int rows,
      Scratch scratch) {
    int width = matrix.width;
    int columns = Math.min(width, matrix.out() - panel * width);
    boolean whole = columns == width;
    float[] into = whole ? out.data : scratch.tile(rows * width);
    for (int i = 0; i < matrix.in(); i += matrix.block()) {
      int column = i / matrix.block() * matrix.out() + panel * width;
      kernels.block(
          x.data,
          x.at(row) + i,
          x.stride,
          rows,
          matrix.data,
          matrix.panel(panel) + i * width,
          width,
          Math.min(matrix.block(), matrix.in() - i),
          true,
          null,
          0,
          into,
          whole ? out.at(row) + column : 0,
          whole ? out.stride : width);
      if (!whole) {
        copy(into, width, out, row, column, rows, columns);
      }
    }
  }

  private static void copy(
      float[] tile, int width, FloatArray out, int row, int column, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(tile, r * width, out.data, out.at(row + r) + column, columns);
    }
  }
}
