package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Precision;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Source;
import dev.vitrine.kernels.Span;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A backend in single precision, which keeps {@code kernels/CONTRACT.md} on any {@link Kernels}.
 */
public final class F32Backend implements Backend {
  /** So many elements of row by row work are worth another thread. */
  private static final int ELEMENTS_IN_A_PART = 1 << 13;

  private final String name;
  private final Kernels kernels;
  private final int threads;
  private final Products products;
  private final Attention attention;

  /**
   * A backend.
   *
   * @param name the name by which it was chosen
   * @param kernels its innermost loops
   * @param threads how many threads share the work, the caller's among them
   */
  public F32Backend(String name, Kernels kernels, int threads) {
    this.name = name;
    this.kernels = kernels;
    this.threads = threads;
    this.products = new Products(kernels, threads);
    this.attention = new Attention(kernels, threads);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return "%s, %d %s"
        .formatted(kernels.description(), threads, threads == 1 ? "thread" : "threads");
  }

  @Override
  public boolean isDouble() {
    return false;
  }

  @Override
  public Array rows(int rows, int columns) {
    return FloatArray.of(rows, columns);
  }

  @Override
  public Array keys(int positions, int heads, int headSize) {
    return KeyArray.of(positions, heads, headSize, kernels.width());
  }

  @Override
  public Array values(int positions, int heads, int headSize) {
    return ValueArray.of(positions, heads, headSize, kernels.width());
  }

  @Override
  public void write(Array array, int row, int column, int count, float[] from, int at) {
    Shapes.part(array, row, column, count, from.length, at);
    Elements.write(array, row, column, count, from, at);
  }

  @Override
  public void write(Array array, int row, int column, int count, double[] from, int at) {
    Shapes.part(array, row, column, count, from.length, at);
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) from[at + i];
    }
    Elements.write(array, row, column, count, floats, 0);
  }

  @Override
  public void read(Array array, int row, int column, int count, float[] into, int at) {
    Shapes.part(array, row, column, count, into.length, at);
    Elements.read(array, row, column, count, into, at);
  }

  @Override
  public void read(Array array, int row, int column, int count, double[] into, int at) {
    Shapes.part(array, row, column, count, into.length, at);
    float[] floats = new float[count];
    Elements.read(array, row, column, count, floats, 0);
    for (int i = 0; i < count; i++) {
      into[at + i] = floats[i];
    }
  }

  @Override
  public float @Nullable [] floats(Array array) {
    return array instanceof FloatArray rows && rows.isWhole() ? rows.data : null;
  }

  @Override
  public void copy(Array from, int fromRow, Array to, int toRow, int count) {
    Shapes.copy(from, fromRow, to, toRow, count);
    int elements = ELEMENTS_IN_A_PART / Kernels.MAX_WIDTH; // rows that share a line of keys
    eachPart(
        count,
        Math.min(from.columns(), elements),
        (r, some, scratch) -> Elements.copy(from, fromRow + r, to, toRow + r, some));
  }

  @Override
  public Matrix pack(Source source, int block) {
    return pack(source, block, Precision.F32);
  }

  @Override
  public Matrix packTransposed(Source source, int block) {
    return packTransposed(source, block, Precision.F32);
  }

  @Override
  public Matrix pack(Source source, int block, Precision precision) {
    return PackedMatrix.of(source, false, block, precision, kernels.width());
  }

  @Override
  public Matrix packTransposed(Source source, int block, Precision precision) {
    return PackedMatrix.of(source, true, block, precision, kernels.width());
  }

  @Override
  public void share(int parts, IntConsumer part) {
    Workers.run(threads, parts, (index, scratch) -> part.accept(index));
  }

  @Override
  public void gather(Matrix matrix, int[] columns, Array out) {
    Shapes.gather(matrix, columns, out);
    FloatArray into = (FloatArray) out;
    eachRow(out, (r, scratch) -> ((PackedMatrix) matrix).column(columns[r], into.data, into.at(r)));
  }

  @Override
  public void add(Array a, Array b, Array out) {
    Shapes.same("b", b, a);
    Shapes.same("out", out, a);
    FloatArray x = (FloatArray) a;
    FloatArray y = (FloatArray) b;
    FloatArray o = (FloatArray) out;
    eachRow(
        a,
        (r, scratch) ->
            kernels.add(x.data, x.at(r), y.data, y.at(r), o.data, o.at(r), x.columns()));
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
    FloatArray from = (FloatArray) x;
    FloatArray gains = (FloatArray) gain;
    FloatArray biases = (FloatArray) bias;
    FloatArray into = (FloatArray) out;
    FloatArray scales = (FloatArray) scale;
    FloatArray unscaled = (FloatArray) normalized;
    eachRow(
        x,
        (r, scratch) -> {
          float root =
              kernels.layerNorm(
                  from.data,
                  from.at(r),
                  from.columns(),
                  gains.data,
                  gains.at(0),
                  biases.data,
                  biases.at(0),
                  (float) epsilon,
                  into.data,
                  into.at(r),
                  unscaled == null ? null : unscaled.data,
                  unscaled == null ? 0 : unscaled.at(r),
                  scratch.partials);
          if (scales != null) {
            scales.data[scales.at(r)] = root;
          }
        });
  }

  @Override
  public void normalize(Array x, Array scale, Array out) {
    Shapes.normalize(x, scale, out);
    FloatArray from = (FloatArray) x;
    FloatArray scales = (FloatArray) scale;
    FloatArray into = (FloatArray) out;
    eachRow(
        x,
        (r, scratch) -> {
          int count = from.columns();
          Arrays.fill(scratch.partials, 0);
          for (int c = 0; c < count; c++) {
            scratch.partials[c % Kernels.PARTIALS] += from.data[from.at(r) + c];
          }
          float mean = Functions.fold(scratch.partials) / count;
          for (int c = 0; c < count; c++) {
            float centred = from.data[from.at(r) + c] - mean;
            into.data[into.at(r) + c] = centred / scales.data[scales.at(r)];
          }
        });
  }

  @Override
  public void affine(Array x, Array gain, Array bias, Array out) {
    Shapes.affine(x, gain, bias, out);
    FloatArray from = (FloatArray) x;
    FloatArray gains = (FloatArray) gain;
    FloatArray biases = (FloatArray) bias;
    FloatArray into = (FloatArray) out;
    eachRow(
        x,
        (r, scratch) -> {
          for (int c = 0; c < from.columns(); c++) {
            into.data[into.at(r) + c] =
                Math.fma(
                    from.data[from.at(r) + c],
                    gains.data[gains.at(0) + c],
                    biases.data[biases.at(0) + c]);
          }
        });
  }

  @Override
  public void product(Array x, Matrix matrix, @Nullable Array bias, Array out) {
    Shapes.product(x, matrix, bias, out);
    products.product(
        (FloatArray) x, (PackedMatrix) matrix, (FloatArray) bias, null, (FloatArray) out);
  }

  @Override
  public void product(
      Array x, Matrix matrix, @Nullable Array bias, Activation activation, Array out) {
    Shapes.product(x, matrix, bias, out);
    products.product(
        (FloatArray) x, (PackedMatrix) matrix, (FloatArray) bias, activation, (FloatArray) out);
  }

  @Override
  public void blocks(Array x, Matrix matrix, Array out) {
    Shapes.blocks(x, matrix, out);
    products.blocks((FloatArray) x, (PackedMatrix) matrix, (FloatArray) out);
  }

  @Override
  public void activate(Activation activation, Array x, Array out) {
    Shapes.same("out", out, x);
    FloatArray from = (FloatArray) x;
    FloatArray to = (FloatArray) out;
    eachRow(
        x,
        (r, scratch) ->
            kernels.activate(
                activation,
                from.data,
                from.at(r),
                to.data,
                to.at(r),
                from.columns(),
                scratch.tile(from.columns())));
  }

  @Override
  public void attend(int heads, double scale, Array q, List<Span> spans, Array z) {
    for (Span span : spans) {
      Shapes.span(heads, q, span, z);
    }
    attention.attend(heads, (float) scale, (FloatArray) q, spans, (FloatArray) z);
  }

  @Override
  public void mix(int heads, List<Span> spans, Array z) {
    for (Span span : spans) {
      Shapes.mix(heads, span, z);
    }
    attention.mix(heads, spans, (FloatArray) z);
  }

  @Override
  public void softmax(Array x, Array out) {
    Shapes.same("out", out, x);
    FloatArray from = (FloatArray) x;
    FloatArray to = (FloatArray) out;
    eachRow(
        x,
        (r, scratch) ->
            kernels.softmax(
                from.data, from.at(r), to.data, to.at(r), from.columns(), scratch.partials));
  }

  @Override
  public void logSoftmax(Array x, Array out) {
    Shapes.same("out", out, x);
    FloatArray from = (FloatArray) x;
    FloatArray to = (FloatArray) out;
    eachRow(
        x,
        (r, scratch) ->
            kernels.logSoftmax(
                from.data, from.at(r), to.data, to.at(r), from.columns(), scratch.partials));
  }

  @Override
  public void close() {}

  private interface RowJob {
    void run(int row, Scratch scratch);
  }

  private interface RowsJob {
    void run(int row, int rows, Scratch scratch);
  }

  /** Runs a job for every row of {@code array}. */
  private void eachRow(Array array, RowJob job) {
    eachPart(
        array.rows(),
        array.columns(),
        (from, rows, scratch) -> {
          for (int r = from; r < from + rows; r++) {
            job.run(r, scratch);
          }
        });
  }

  /** Runs a job for all of some rows, several rows to a part. */
  private void eachPart(int rows, int columns, RowsJob job) {
    int rowsInPart = Math.max(1, ELEMENTS_IN_A_PART / Math.max(1, columns));
    Workers.run(
        threads,
        Math.ceilDiv(rows, rowsInPart),
        (part, scratch) -> {
          int from = part * rowsInPart;
          job.run(from, Math.min(rowsInPart, rows - from), scratch);
        });
  }
}
