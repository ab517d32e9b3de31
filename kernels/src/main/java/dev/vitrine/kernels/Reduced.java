package dev.vitrine.kernels;

/**
 * A weight as it is once its {@link Precision} is reduced: what a backend reads that holds such
 * weights widened, and the definition for those that do not.
 *
 * <p>Groups of {@link Precision#GROUP} inputs are read together, as they have one scale.
 */
final class Reduced implements Source {
  private final Source source;
  private final Precision precision;
  private final int block;
  private final boolean transposed;
  private float[][] group = new float[0][];
  private int groupStart = -1;

  private Reduced(Source source, Precision precision, int block, boolean transposed) {
    this.source = source;
    this.precision = precision;
    this.block = Shapes.block(block);
    this.transposed = transposed;
  }

  /** A source {@code [in, out]}, or {@code [out, in]} if it is {@code transposed}. */
  static Source of(Source source, Precision precision, int block, boolean transposed) {
    return precision == Precision.F32 ? source : new Reduced(source, precision, block, transposed);
  }

  @Override
  public int rows() {
    return source.rows();
  }

  @Override
  public int columns() {
    return source.columns();
  }

  @Override
  public void read(int row, int from, int count, float[] into, int at) {
    if (precision == Precision.BF16) {
      source.read(row, from, count, into, at);
      for (int i = at; i < at + count; i++) {
        into[i] = Precision.bf16(into[i]);
      }
    } else if (transposed) {
      float[] whole = new float[columns()];
      source.read(row, 0, whole.length, whole, 0);
      for (int i = 0; i < whole.length; i = end(i, whole.length)) {
        reduce(whole, i, end(i, whole.length));
      }
      System.arraycopy(whole, from, into, at, count);
    } else {
      System.arraycopy(groupOf(row)[row - groupStart], from, into, at, count);
    }
  }

  /** Where the group ends that begins with input {@code i}. */
  private int end(int i, int in) {
    int blockEnd = (i / block + 1) * block;
    return Math.min(Math.min(i + Precision.GROUP, blockEnd), in);
  }

  private static void reduce(float[] x, int from, int to) {
    float max = 0;
    for (int i = from; i < to; i++) {
      max = Math.max(max, Math.abs(x[i]));
    }
    float scale = Precision.scale(max);
    for (int i = from; i < to; i++) {
      x[i] = Precision.quantized(x[i], scale) * scale;
    }
  }

  /** The rows of the group that a row belongs to, reduced. */
  private float[][] groupOf(int row) {
    int inBlock = row % block;
    int start = row - inBlock % Precision.GROUP;
    if (start != groupStart) {
      int end = end(start, rows());
      float[][] read = new float[end - start][columns()];
      for (int i = start; i < end; i++) {
        source.read(i, 0, columns(), read[i - start], 0);
      }
      float[] column = new float[end - start];
      for (int j = 0; j < columns(); j++) {
        for (int i = 0; i < column.length; i++) {
          column[i] = read[i][j];
        }
        reduce(column, 0, column.length);
        for (int i = 0; i < column.length; i++) {
          read[i][j] = column[i];
        }
      }
      group = read;
      groupStart = start;
    }
    return group;
  }
}
