package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Span;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention. A part of the work is a few queries of one head: their scores are a product
 * with the keys' panels, the softmax is taken row by row, and z is a product with the values.
 */
final class Attention {
  /** The queries of a part: a few tiles. */
  private static final int QUERIES = 36;

  /** The blocks that sums over d_head and over keys are cut into. */
  private static final int BLOCK = 128;

  private static final long WORTH_SHARING = 1 << 15;

  private final Kernels kernels;
  private final int threads;

  Attention(Kernels kernels, int threads) {
    this.kernels = kernels;
    this.threads = threads;
  }

  /** Queries {@code first … first + count - 1} of one head of one span. */
  private record Part(Span span, int head, int first, int count) {

    /** How many keys the query sees that is the {@code i}-th of this part. */
    int keys(int i) {
      return span.position() + first + i + 1;
    }

    /** Its row in the span's scores and pattern. */
    int row(int i) {
      return head * span.count() + first + i;
    }
  }

  void attend(int heads, float scale, FloatArray q, List<Span> spans, FloatArray z) {
    share(heads, q.columns(), spans, (part, scratch) -> attend(part, heads, scale, q, z, scratch));
  }

  void mix(int heads, List<Span> spans, FloatArray z) {
    share(heads, z.columns(), spans, (part, scratch) -> mix(part, heads, z, scratch));
  }

  private interface PartJob {
    void run(Part part, Scratch scratch);
  }

  private void share(int heads, int columns, List<Span> spans, PartJob job) {
    List<Part> parts = new ArrayList<>();
    long work = 0;
    for (Span span : spans) {
      for (int head = 0; head < heads; head++) {
        for (int first = 0; first < span.count(); first += QUERIES) {
          parts.add(new Part(span, head, first, Math.min(QUERIES, span.count() - first)));
        }
      }
      work += 2L * columns * span.count() * (span.position() + span.count());
    }
    Workers.run(
        work < WORTH_SHARING ? 1 : threads,
        parts.size(),
        (part, scratch) -> job.run(parts.get(part), scratch));
  }

  private void attend(
      Part part, int heads, float scale, FloatArray q, FloatArray z, Scratch scratch) {
    KeyArray keys = (KeyArray) part.span.keys();
    int seen = part.keys(part.count - 1);
    int stride = Math.ceilDiv(seen, keys.width) * keys.width;
    float[] scores = scratch.scores(part.count * stride);
    int headSize = q.columns() / heads;
    score(part, headSize, q, keys, scores, stride, scratch);
    for (int i = 0; i < part.count; i++) {
      int at = i * stride;
      kernels.scale(scores, at, part.keys(i), scale);
      store(part, i, scores, at, part.span.scores(), Float.NEGATIVE_INFINITY);
      kernels.softmax(scores, at, scores, at, part.keys(i), scratch.partials);
      store(part, i, scores, at, part.span.pattern(), 0f);
    }
    mix(part, scores, 0, stride, headSize, z, scratch);
  }

  /** {@code scores[i, k] = Σ_d q[i, d] · keys[k, d]}: a product over the keys' panels. */
  private void score(
      Part part,
      int headSize,
      FloatArray q,
      KeyArray keys,
      float[] scores,
      int stride,
      Scratch scratch) {
    int width = keys.width;
    int seen = part.keys(part.count - 1);
    float[] queries = scratch.queries(part.count * headSize);
    int tile;
    for (int i = 0; i < part.count; i += tile) {
      tile = Tiling.rows(part.count - i, kernels.tileRows());
      int q0 = q.at(part.span.row() + part.first + i) + part.head * headSize;
      kernels.interleave(q.data, q0, q.stride, tile, headSize, queries, i * headSize);
    }
    float[] sums = scratch.tile(Math.min(QUERIES, part.count) * width);
    for (int panel = 0; panel * width < seen; panel++) {
      int keys0 = keys.panel(part.head, panel);
      for (int d = 0; d < headSize; d += BLOCK) {
        int count = Math.min(BLOCK, headSize - d);
        int w0 = keys0 + d * width;
        for (int i = 0; i < part.count; i += tile) {
          tile = Tiling.rows(part.count - i, kernels.tileRows());
          if (panel * width >= part.keys(i + tile - 1)) {
            continue; // all these keys lie after all these queries
          }
          int x0 = i * headSize + d * tile;
          int at = i * width;
          kernels.tile(
              queries, x0, tile, keys.data, w0, count, d == 0, sums, at, w0, 0, scratch.sums);
        }
      }
      kernels.copy(sums, 0, width, part.count, scores, panel * width, stride);
    }
  }

  private static void store(
      Part part, int i, float[] row, int at, @Nullable Array array, float unseen) {
    if (array instanceof FloatArray into) {
      int keys = part.keys(i);
      int to = into.at(part.row(i));
      System.arraycopy(row, at, into.data, to, keys);
      for (int k = keys; k < into.columns(); k++) {
        into.data[to + k] = unseen;
      }
    }
  }

  private void mix(Part part, int heads, FloatArray z, Scratch scratch) {
    FloatArray pattern = (FloatArray) Shapes.pattern(part.span);
    int at = pattern.at(part.row(0));
    mix(part, pattern.data, at, pattern.stride, z.columns() / heads, z, scratch);
  }

  /** {@code z[i, d] = Σ_k pattern[i, k] · values[k, d]}, tile by tile. */
  private void mix(
      Part part,
      float[] pattern,
      int pattern0,
      int stride,
      int headSize,
      FloatArray z,
      Scratch scratch) {
    int width = kernels.width();
    int tile;
    for (int i = 0; i < part.count; i += tile) {
      tile = Tiling.rows(part.count - i, kernels.tileRows());
      int common = part.keys(i); // what all rows of the tile see
      float[] weights = scratch.queries(tile * common);
      kernels.interleave(pattern, pattern0 + i * stride, stride, tile, common, weights, 0);
      float[] totals = scratch.tile(tile * width);
      for (int d = 0; d < headSize; d += width) {
        mixPanel(part, i, tile, weights, pattern, pattern0, stride, d / width, totals, scratch);
        int to = z.at(part.span.row() + part.first + i) + part.head * headSize + d;
        for (int r = 0; r < tile; r++) {
          int columns = Math.min(width, headSize - d);
          System.arraycopy(totals, r * width, z.data, to + r * z.stride, columns);
        }
      }
    }
  }

  /**
   * One panel for one tile, block by block. What all rows see is a product; behind it each row goes
   * on alone with the few keys that the first does not see, in the block where they lie.
   */
  private void mixPanel(
      Part part,
      int row,
      int rows,
      float[] weights,
      float[] pattern,
      int pattern0,
      int stride,
      int panel,
      float[] totals,
      Scratch scratch) {
    ValueArray values = (ValueArray) part.span.values();
    int width = values.width;
    int w0 = values.panel(part.head, panel);
    int common = part.keys(row);
    int most = part.keys(row + rows - 1);
    float[] sums = scratch.block;
    for (int k = 0; k < most; k += BLOCK) {
      int count = Math.clamp(common - k, 0, BLOCK);
      boolean whole = k + BLOCK <= common || common == most;
      float[] out = whole ? totals : sums;
      int at = w0 + k * width;
      int next = k + 2 * BLOCK <= most ? at + BLOCK * width : at;
      int step = k + 2 * BLOCK <= most ? width : 0;
      kernels.tile(
          weights,
          k * rows,
          rows,
          values.data,
          at,
          count,
          !whole || k == 0,
          out,
          0,
          next,
          step,
          scratch.sums);
      if (!whole) {
        int first = Math.max(0, k - common + 1); // the first row that sees key k
        for (int r = first; r < rows; r++) {
          int more = Math.clamp(part.keys(row + r) - k, 0, BLOCK) - count;
          int p0 = pattern0 + (row + r) * stride + k + count;
          int from = at + count * width;
          kernels.more(pattern, p0, values.data, from, more, sums, r * width);
        }
        addBlock(sums, first, rows, k == 0, totals);
      }
    }
  }

  /**
   * {@code totals[r] = sums[r]}, or {@code totals[r] + sums[r]} for a later block, from a row on.
   */
  private void addBlock(float[] sums, int from, int rows, boolean first, float[] totals) {
    int width = kernels.width();
    int at = from * width;
    if (first) {
      System.arraycopy(sums, at, totals, at, (rows - from) * width);
    } else {
      kernels.add(totals, at, width, sums, at, width, rows - from, totals, at, width);
    }
  }
}
