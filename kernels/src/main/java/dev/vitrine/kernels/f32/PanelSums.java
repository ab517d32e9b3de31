package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Activation;
import org.jspecify.annotations.Nullable;

/**
 * What one thread does of a product: some panels' columns for some rows.
 *
 * <p>A block of a panel stays in the nearest cache while all tiles of rows pass over it, and their
 * totals in the next. Meanwhile they call for the block that comes next: it is used once for every
 * tile, and comes from memory; without the call the first tile would wait for it and all others
 * leave the memory idle.
 */
final class PanelSums {
  /** So many floats of x are read again for every panel: they stay in the second cache. */
  private static final int INPUTS_IN_CACHE = 1 << 18;

  /** So many totals wait in the second cache while x is read range by range. */
  private static final int TOTALS_IN_CACHE = 1 << 17;

  /** So many rows are written at once, a piece of each: lines that follow each other are cheap. */
  private static final int ROWS_AT_ONCE = 8;

  private final Kernels kernels;
  private final PackedMatrix matrix;
  private final Rows rows;
  private final Scratch scratch;
  private final int size;

  /**
   * Some rows of x, as {@link Tiling} has them.
   *
   * @param offset where they begin in {@code data}
   * @param first which row of the result is the first
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Rows(float[] data, int offset, int first, int count) {}

  PanelSums(Kernels kernels, PackedMatrix matrix, Rows rows, Scratch scratch) {
    this.kernels = kernels;
    this.matrix = matrix;
    this.rows = rows;
    this.scratch = scratch;
    this.size = rows.count * matrix.width;
  }

  /**
   * Panels {@code from … to - 1} of {@code activation(x · matrix + bias)}. Where x is too large for
   * the cache, a few panels at a time read it range by range of inputs.
   */
  void product(
      @Nullable FloatArray bias,
      @Nullable Activation activation,
      FloatArray out,
      int from,
      int to) {
    int in = matrix.in();
    int block = matrix.block();
    long blocks = Math.max(1, INPUTS_IN_CACHE / Math.max(1L, rows.count) / block);
    int range = (int) Math.min(in, blocks * block);
    int some = Math.clamp(TOTALS_IN_CACHE / Math.max(1, size), 1, Math.max(1, to - from));
    float[] totals = scratch.tile(Kernels.LINE + some * size);
    for (int panel = from; panel < to; panel += some) {
      int end = Math.min(panel + some, to);
      int i = 0;
      do { // once at least: a sum of nothing is zero, plus the bias
        int more = Math.min(range, in - i);
        int panels;
        for (int p = panel; p < end; p += panels) {
          panels = together(p, end);
          range(
              p,
              panels,
              i,
              more,
              totals,
              Kernels.LINE + (p - panel) * size,
              next(panel, end, to, p, i, more));
        }
        i += more;
      } while (i < in);
      for (int r = 0; r < rows.count; r += ROWS_AT_ONCE) {
        for (int p = panel; p < end; p++) {
          settle(totals, Kernels.LINE + (p - panel) * size, p, r, bias, activation, out);
        }
      }
    }
  }

  /** How many panels are computed at once: where there is one row, as many as lie together. */
  private int together(int panel, int end) {
    int most = matrix.together();
    return rows.count == 1 ? Math.min(most - panel % most, end - panel) : 1;
  }

  /** Where the order of {@link #product} goes on behind a range. */
  private @Nullable Place next(int panel, int end, int to, int p, int i, int more) {
    if (p + 1 < end) {
      return new Place(p + 1, i);
    }
    if (i + more < matrix.in()) {
      return new Place(panel, i + more);
    }
    return end < to ? new Place(end, 0) : null;
  }

  /** The block of a panel that begins with an input. */
  private record Place(int panel, int input) {}

  /** Adds up some blocks of some panels. */
  private void range(
      int panel, int panels, int from, int inputs, float[] totals, int at, @Nullable Place after) {
    int i = from;
    do {
      int count = Math.min(matrix.block(), from + inputs - i);
      boolean last = i + count == from + inputs;
      Place next = last ? after : new Place(panel, i + count);
      block(panel, panels, i, count, i == 0, totals, at, next);
      i += count;
    } while (i < from + inputs);
  }

  /** Panels {@code from … to - 1} of {@code out[r, b · out + j] = Σ_{i in block b} x · matrix}. */
  void blocks(FloatArray out, int from, int to) {
    float[] sums = scratch.tile(Kernels.LINE + size);
    for (int panel = from; panel < to; panel++) {
      for (int i = 0; i < matrix.in(); i += matrix.block()) {
        int count = Math.min(matrix.block(), matrix.in() - i);
        boolean last = i + count == matrix.in();
        Place next = last ? null : new Place(panel, i + count);
        block(panel, 1, i, count, true, sums, Kernels.LINE, next);
        int column = i / matrix.block() * matrix.out();
        copy(sums, Kernels.LINE, panel, 0, rows.count, out, column);
      }
    }
  }

  /** The sums over {@code count} inputs from {@code i} on, tile by tile. */
  private void block(
      int panel,
      int panels,
      int i,
      int count,
      boolean first,
      float[] totals,
      int at,
      @Nullable Place next) {
    if (rows.count == 1) {
      int x0 = rows.offset + i;
      matrix.row(kernels, rows.data, x0, panel, panels, i, count, first, totals, at, scratch);
      return;
    }
    int width = matrix.width;
    int most = kernels.tileRows();
    float[] w = matrix.floats(kernels, panel, i, count, scratch);
    int w0 = matrix.floatsAt(panel, i);
    int wanted = idle(w0, count);
    int step = 0;
    int end = 0;
    if (next != null && matrix.floatsAtRest()) {
      int length = Math.min(matrix.block(), matrix.in() - next.input) * width;
      int tiles = Tiling.tiles(rows.count, most);
      wanted = matrix.floatsAt(next.panel, next.input);
      step = Math.ceilDiv(length, tiles * count);
      end = wanted + length;
    }
    int tile;
    for (int r = 0; r < rows.count; r += tile) {
      tile = Tiling.rows(rows.count - r, most);
      if (step > 0 && wanted + count * step > end) {
        step = (end - wanted) / count;
        wanted = step > 0 ? wanted : idle(w0, count); // all is called for
      }
      int x0 = rows.offset + r * matrix.in() + i * tile;
      int out0 = at + r * width;
      kernels.tile(
          rows.data, x0, tile, w, w0, count, first, totals, out0, wanted, step, scratch.sums);
      wanted += count * step;
    }
  }

  /** What to call for where nothing comes: what is near, and not read again at once. */
  private int idle(int w0, int count) {
    return w0 + Math.max(0, count - 1) * matrix.width;
  }

  /** Adds the bias to some rows of a panel, applies the activation, and writes them to out. */
  private void settle(
      float[] totals,
      int panel0,
      int panel,
      int row,
      @Nullable FloatArray bias,
      @Nullable Activation activation,
      FloatArray out) {
    int width = matrix.width;
    int count = Math.min(ROWS_AT_ONCE, rows.count - row);
    int at = panel0 + row * width;
    int bias0 = bias == null ? 0 : bias.at(0) + panel * width;
    if (bias != null && activation == null && (panel + 1) * width <= matrix.out()) {
      int to = out.at(rows.first + row) + panel * width;
      kernels.add(totals, at, width, bias.data, bias0, 0, count, out.data, to, out.stride);
      return;
    }
    if (bias != null) {
      kernels.add(totals, at, width, bias.data, bias0, 0, count, totals, at, width);
    }
    if (activation != null) {
      int some = count * width;
      kernels.activate(activation, totals, at, totals, at, some, scratch.activation(some));
    }
    copy(totals, at, panel, row, count, out, 0);
  }

  /** Writes some rows of a panel to the columns where it stands, {@code column} on. */
  private void copy(
      float[] from, int from0, int panel, int row, int count, FloatArray out, int column) {
    int width = matrix.width;
    int columns = Math.min(width, matrix.out() - panel * width);
    if (columns == width) {
      int to = out.at(rows.first + row) + column + panel * width;
      kernels.copy(from, from0, width, count, out.data, to, out.stride);
      return;
    }
    for (int r = 0; r < count; r++) {
      int at = out.at(rows.first + row + r) + column + panel * width;
      System.arraycopy(from, from0 + r * width, out.data, at, columns);
    }
  }
}
