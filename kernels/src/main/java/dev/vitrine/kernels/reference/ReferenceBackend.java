package dev.vitrine.kernels.reference;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Source;
import dev.vitrine.kernels.Span;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The definition of every operation, in double precision. Nothing here is fast: each method is the
 * formula of {@link Backend} as a loop.
 */
public final class ReferenceBackend implements Backend {
  private final boolean parallel;

  /**
   * @param threads 1 to compute in the caller alone, anything else to share rows among the
   *     processors
   */
  public ReferenceBackend(int threads) {
    this.parallel = threads != 1;
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return "plain Java in double precision, each operation as its definition";
  }

  @Override
  public boolean isDouble() {
    return true;
  }

  @Override
  public Array rows(int rows, int columns) {
    return Table.of(rows, columns);
  }

  @Override
  public Array keys(int positions, int heads, int headSize) {
    return Table.of(positions, Math.multiplyExact(heads, headSize));
  }

  @Override
  public void write(Array array, int row, int column, int count, float[] from, int at) {
    Shapes.part(array, row, column, count, from.length, at);
    for (int i = 0; i < count; i++) {
      table(array).set(row, column + i, from[at + i]);
    }
  }

  @Override
  public void write(Array array, int row, int column, int count, double[] from, int at) {
    Shapes.part(array, row, column, count, from.length, at);
    System.arraycopy(from, at, table(array).data(), table(array).at(row) + column, count);
  }

  @Override
  public void read(Array array, int row, int column, int count, float[] into, int at) {
    Shapes.part(array, row, column, count, into.length, at);
    for (int i = 0; i < count; i++) {
      into[at + i] = (float) table(array).get(row, column + i);
    }
  }

  @Override
  public void read(Array array, int row, int column, int count, double[] into, int at) {
    Shapes.part(array, row, column, count, into.length, at);
    System.arraycopy(table(array).data(), table(array).at(row) + column, into, at, count);
  }

  @Override
  public void copy(Array from, int fromRow, Array to, int toRow, int count) {
    Shapes.copy(from, fromRow, to, toRow, count);
    for (int r = 0; r < count; r++) {
      System.arraycopy(
          table(from).data(),
          table(from).at(fromRow + r),
          table(to).data(),
          table(to).at(toRow + r),
          from.columns());
    }
  }

  @Override
  public Matrix pack(Source source, int block) {
    int in = source.rows();
    int out = source.columns();
    double[] data = new double[Math.multiplyExact(in, out)];
    double[] row = new double[out];
    for (int i = 0; i < in; i++) {
      source.read(i, 0, out, row, 0);
      for (int j = 0; j < out; j++) {
        data[j * in + i] = row[j];
      }
    }
    return new Weights(data, in, out, Shapes.block(block));
  }

  @Override
  public Matrix packTransposed(Source source, int block) {
    int in = source.columns();
    int out = source.rows();
    double[] data = new double[Math.multiplyExact(in, out)];
    for (int j = 0; j < out; j++) {
      source.read(j, 0, in, data, j * in);
    }
    return new Weights(data, in, out, Shapes.block(block));
  }

  @Override
  public void gather(Matrix matrix, int[] columns, Array out) {
    Shapes.gather(matrix, columns, out);
    for (int r = 0; r < columns.length; r++) {
      for (int i = 0; i < matrix.in(); i++) {
        table(out).set(r, i, weights(matrix).get(i, columns[r]));
      }
    }
  }

  @Override
  public void add(Array a, Array b, Array out) {
    Shapes.same("b", b, a);
    Shapes.same("out", out, a);
    for (int r = 0; r < a.rows(); r++) {
      for (int c = 0; c < a.columns(); c++) {
        table(out).set(r, c, table(a).get(r, c) + table(b).get(r, c));
      }
    }
  }

  @Override
  public void layerNorm(
      Array x,
      Array gain,
      Array bias,
      double epsilon,
      Array out,
      @Nullable Array scale,
      @Nullable Array normalized) {
    Shapes.layerNorm(x, gain, bias, out, scale, normalized);
    int n = x.columns();
    for (int r = 0; r < x.rows(); r++) {
      double sum = 0;
      for (int c = 0; c < n; c++) {
        sum += table(x).get(r, c);
      }
      double mean = sum / n;
      double squares = 0;
      for (int c = 0; c < n; c++) {
        double centred = table(x).get(r, c) - mean;
        squares += centred * centred;
      }
      double root = Math.sqrt(squares / n + epsilon);
      for (int c = 0; c < n; c++) {
        double value = (table(x).get(r, c) - mean) / root;
        if (normalized != null) {
          table(normalized).set(r, c, value);
        }
        table(out).set(r, c, value * table(gain).get(0, c) + table(bias).get(0, c));
      }
      if (scale != null) {
        table(scale).set(r, 0, root);
      }
    }
  }

  @Override
  public void normalize(Array x, Array scale, Array out) {
    Shapes.normalize(x, scale, out);
    int n = x.columns();
    for (int r = 0; r < x.rows(); r++) {
      double sum = 0;
      for (int c = 0; c < n; c++) {
        sum += table(x).get(r, c);
      }
      for (int c = 0; c < n; c++) {
        table(out).set(r, c, (table(x).get(r, c) - sum / n) / table(scale).get(r, 0));
      }
    }
  }

  @Override
  public void affine(Array x, Array gain, Array bias, Array out) {
    Shapes.affine(x, gain, bias, out);
    for (int r = 0; r < x.rows(); r++) {
      for (int c = 0; c < x.columns(); c++) {
        double scaled = table(x).get(r, c) * table(gain).get(0, c);
        table(out).set(r, c, scaled + table(bias).get(0, c));
      }
    }
  }

  @Override
  public void product(Array x, Matrix matrix, @Nullable Array bias, Array out) {
    Shapes.product(x, matrix, bias, out);
    int blocks = Shapes.blocks(matrix);
    each(
        x.rows() * matrix.out(),
        e -> {
          int r = e / matrix.out();
          int j = e % matrix.out();
          double sum = 0;
          for (int b = 0; b < blocks; b++) {
            sum += blockSum(table(x), r, weights(matrix), j, b);
          }
          table(out).set(r, j, bias == null ? sum : sum + table(bias).get(0, j));
        });
  }

  @Override
  public void blocks(Array x, Matrix matrix, Array out) {
    Shapes.blocks(x, matrix, out);
    each(
        x.rows(),
        r -> {
          for (int b = 0; b < Shapes.blocks(matrix); b++) {
            for (int j = 0; j < matrix.out(); j++) {
              double sum = blockSum(table(x), r, weights(matrix), j, b);
              table(out).set(r, b * matrix.out() + j, sum);
            }
          }
        });
  }

  /** {@code Σ_{i in block b} x[r, i] · matrix[i, j]}. */
  private static double blockSum(Table x, int r, Weights matrix, int j, int b) {
    int end = (int) Math.min((b + 1L) * matrix.block(), matrix.in());
    double sum = 0;
    for (int i = b * matrix.block(); i < end; i++) {
      sum += x.get(r, i) * matrix.get(i, j);
    }
    return sum;
  }

  @Override
  public void activate(Activation activation, Array x, Array out) {
    Shapes.same("out", out, x);
    for (int r = 0; r < x.rows(); r++) {
      for (int c = 0; c < x.columns(); c++) {
        table(out).set(r, c, Functions.activate(activation, table(x).get(r, c)));
      }
    }
  }

  @Override
  public void attend(int heads, double scale, Array q, List<Span> spans, Array z) {
    for (Span span : spans) {
      Shapes.span(heads, q, span, z);
      each(
          heads * span.count(),
          e -> {
            int h = e / span.count();
            int i = e % span.count();
            double[] row = scores(span, h, i, scale, table(q), q.columns() / heads);
            store(span.scores(), e, row, Double.NEGATIVE_INFINITY);
            softmax(row);
            store(span.pattern(), e, row, 0);
            mix(span, h, i, row, q.columns() / heads, table(z));
          });
    }
  }

  private static double[] scores(Span span, int h, int i, double scale, Table q, int headSize) {
    double[] scores = new double[span.position() + i + 1];
    for (int k = 0; k < scores.length; k++) {
      double sum = 0;
      for (int d = h * headSize; d < (h + 1) * headSize; d++) {
        sum += q.get(span.row() + i, d) * table(span.keys()).get(k, d);
      }
      scores[k] = scale * sum;
    }
    return scores;
  }

  private static void store(@Nullable Array array, int row, double[] seen, double unseen) {
    if (array != null) {
      for (int k = 0; k < array.columns(); k++) {
        table(array).set(row, k, k < seen.length ? seen[k] : unseen);
      }
    }
  }

  @Override
  public void mix(int heads, List<Span> spans, Array z) {
    for (Span span : spans) {
      Shapes.mix(heads, span, z);
      each(
          heads * span.count(),
          e -> {
            int i = e % span.count();
            double[] row = new double[span.position() + i + 1];
            read(Shapes.pattern(span), e, 0, row.length, row, 0);
            mix(span, e / span.count(), i, row, z.columns() / heads, table(z));
          });
    }
  }

  private static void mix(Span span, int h, int i, double[] pattern, int headSize, Table z) {
    for (int d = h * headSize; d < (h + 1) * headSize; d++) {
      double sum = 0;
      for (int k = 0; k < pattern.length; k++) {
        sum += pattern[k] * table(span.values()).get(k, d);
      }
      z.set(span.row() + i, d, sum);
    }
  }

  @Override
  public void softmax(Array x, Array out) {
    Shapes.same("out", out, x);
    double[] row = new double[x.columns()];
    for (int r = 0; r < x.rows(); r++) {
      read(x, r, 0, row.length, row, 0);
      softmax(row);
      write(out, r, 0, row.length, row, 0);
    }
  }

  private static void softmax(double[] row) {
    double max = max(row);
    double sum = 0;
    for (int c = 0; c < row.length; c++) {
      row[c] = Math.exp(row[c] - max);
      sum += row[c];
    }
    for (int c = 0; c < row.length; c++) {
      row[c] /= sum;
    }
  }

  @Override
  public void logSoftmax(Array x, Array out) {
    Shapes.same("out", out, x);
    double[] row = new double[x.columns()];
    for (int r = 0; r < x.rows(); r++) {
      read(x, r, 0, row.length, row, 0);
      double max = max(row);
      double sum = 0;
      for (double value : row) {
        sum += Math.exp(value - max);
      }
      for (int c = 0; c < row.length; c++) {
        row[c] = row[c] - max - Math.log(sum);
      }
      write(out, r, 0, row.length, row, 0);
    }
  }

  private static double max(double[] row) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : row) {
      max = Math.max(max, value);
    }
    return max;
  }

  @Override
  public void close() {}

  @Override
  public void share(int parts, IntConsumer part) {
    each(parts, part);
  }

  private void each(int count, IntConsumer row) {
    IntStream range = IntStream.range(0, count);
    (parallel ? range.parallel() : range).forEach(row);
  }

  private static Table table(Array array) {
    return (Table) array;
  }

  private static Weights weights(Matrix matrix) {
    return (Weights) matrix;
  }
}
