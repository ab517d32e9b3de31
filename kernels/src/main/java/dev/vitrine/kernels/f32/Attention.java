package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention. A part of the work is a few queries of one head: their scores are a product
 * with the keys' panels, the softmax is taken row by row, and z is a product with the values.
 */
final class Attention {
  /** The queries of a part. */
  private static final int QUERIES = 16;

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
      Tiling.interleave(q.data, q0, q.stride, tile, headSize, queries, i * headSize);
    }
    float[] sums = scratch.tile(Math.min(QUERIES, part.count) * width);
    for (int panel = 0; panel * width < seen; panel++) {
      int keys0 = keys.panel(part.head, panel);
      for (int d = 0; d < headSize; d += BLOCK) {
        int count = Math.min(BLOCK, headSize - d);
        int w0 = keys0 + d * width;
        for (int i = 0; i < part.count; i += tile) {
          tile = Tiling.rows(part.count - i, kernels.tileRows());
          int x0 = i * headSize + d * tile;
          int at = i * width;
          kernels.tile(
              queries, x0, tile, keys.data, w0, count, d == 0, sums, at, w0, 0, scratch.sums);
        }
      }
      for (int i = 0; i < part.count; i++) {
        System.arraycopy(sums, i * width, scores, i * stride + panel * width, width);
      }
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

  /** {@code z[i, d] = Σ_k pattern[i, k] · values[k, d]}, as many columns at once as a panel has. */
  private void mix(
      Part part,
      float[] pattern,
      int pattern0,
      int stride,
      int headSize,
      FloatArray z,
      Scratch scratch) {
    int width = kernels.width();
    for (int d = 0; d < headSize; d += width) {
      int columns = Math.min(width, headSize - d);
      int column = part.head * headSize + d;
      int row = part.span.row() + part.first;
      if (columns == width) {
        mixColumns(
            part, pattern, pattern0, stride, column, z.data, z.at(row) + column, z.stride, scratch);
      } else {
        float[] tile = scratch.tile(part.count * width);
        mixColumns(part, pattern, pattern0, stride, column, tile, 0, width, scratch);
        for (int i = 0; i < part.count; i++) {
          System.arraycopy(tile, i * width, z.data, z.at(row + i) + column, columns);
        }
      }
    }
  }

  /** Some rows together: what all of them see is added in one go, and then each goes on alone. */
  private void mixColumns(
      Part part,
      float[] pattern,
      int pattern0,
      int stride,
      int column,
      float[] out,
      int out0,
      int outStride,
      Scratch scratch) {
    int count;
    for (int i = 0; i < part.count; i += count) {
      count = Math.min(Kernels.MAX_TILE, part.count - i);
      int most = part.keys(i + count - 1);
      int p0 = pattern0 + i * stride;
      for (int k = 0; k < most; k += BLOCK) {
        int first = Math.max(0, k - part.keys(i) + 1); // the first row that sees key k
        mixBlock(part, i, count, k, pattern, p0 + k, stride, column, scratch.sums);
        addBlock(scratch.sums, first, count, k == 0, out, out0 + i * outStride, outStride);
      }
    }
  }

  /** {@code out[r] = sums[r]}, or {@code out[r] + sums[r]} for a later block, from a row on. */
  private void addBlock(
      float[] sums, int from, int rows, boolean first, float[] out, int out0, int outStride) {
    int width = kernels.width();
    int sums0 = from * width;
    int to = out0 + from * outStride;
    if (!first) {
      kernels.add(out, to, outStride, sums, sums0, width, rows - from, out, to, outStride);
      return;
    }
    for (int r = 0; r < rows - from; r++) {
      System.arraycopy(sums, sums0 + r * width, out, to + r * outStride, width);
    }
  }

  /** The sums of one block of keys, from {@code key} on, for some rows. */
  private void mixBlock(
      Part part,
      int row,
      int rows,
      int key,
      float[] pattern,
      int pattern0,
      int stride,
      int column,
      float[] sums) {
    FloatArray values = (FloatArray) part.span.values();
    Arrays.fill(sums, 0, rows * kernels.width(), 0f);
    int common = Math.clamp(part.keys(row) - key, 0, BLOCK);
    int values0 = values.at(key) + column;
    kernels.strided(
        pattern, pattern0, stride, rows, values.data, values0, values.stride, common, sums, 0);
    for (int r = 0; r < rows; r++) {
      int more = Math.clamp(part.keys(row + r) - key, 0, BLOCK) - common;
      if (more > 0) {
        kernels.strided(
            pattern,
            pattern0 + r * stride + common,
            stride,
            1,
            values.data,
            values0 + common * values.stride,
            values.stride,
            more,
            sums,
            r * kernels.width());
      }
    }
  }
}
