package dev.vitrine.weights.naming;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.StoredTensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A table that a file does not keep row after row.
 *
 * <p>Fetched in blocks of rows, of which it keeps one, so that a caller who reads row by row reads
 * the file in long runs.
 */
final class Gathered implements Source {

  private static final int BLOCK_ELEMENTS = 1 << 19; // 4 MiB of doubles

  /** Copies rows of the table out of a file. */
  interface Gather {
    /** Writes rows {@code [first, first + count)}, whole, into {@code into}, row-major. */
    void rows(int first, int count, double[] into);
  }

  private final int rows;
  private final int columns;
  private final Gather gather;
  private final int blockRows;
  private double @Nullable [] block;
  private int blockFirst;
  private int blockCount;

  Gathered(int rows, int columns, Gather gather) {
    this.rows = rows;
    this.columns = columns;
    this.gather = gather;
    this.blockRows = Math.clamp(BLOCK_ELEMENTS / Math.max(1, columns), 1, Math.max(1, rows));
  }

  /** The transpose of a tensor {@code [columns, rows]}. */
  static Gathered transposed(StoredTensor tensor, int rows, int columns) {
    return new Gathered(
        rows,
        columns,
        (first, count, into) -> {
          double[] run = new double[count];
          for (int column = 0; column < columns; column++) {
            tensor.read((long) column * rows + first, count, run, 0);
            for (int row = 0; row < count; row++) {
              into[row * columns + column] = run[row];
            }
          }
        });
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public synchronized void read(int row, int from, int count, float[] into, int at) {
    double[] values = load(row, from, count);
    int start = (row - blockFirst) * columns + from;
    for (int i = 0; i < count; i++) {
      into[at + i] = (float) values[start + i];
    }
  }

  @Override
  public synchronized void read(int row, int from, int count, double[] into, int at) {
    double[] values = load(row, from, count);
    System.arraycopy(values, (row - blockFirst) * columns + from, into, at, count);
  }

  private double[] load(int row, int from, int count) {
    Objects.checkIndex(row, rows);
    Objects.checkFromIndexSize(from, count, columns);
    double[] values = block;
    if (values == null || row < blockFirst || row >= blockFirst + blockCount) {
      if (values == null) {
        values = new double[blockRows * columns];
      }
      block = null; // stays so if the file fails half way
      blockFirst = row;
      blockCount = Math.min(blockRows, rows - row);
      gather.rows(blockFirst, blockCount, values);
      block = values;
    }
    return values;
  }
}
