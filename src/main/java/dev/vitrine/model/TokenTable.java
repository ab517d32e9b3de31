package dev.vitrine.model;

import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Source;
import java.util.function.Consumer;

/**
 * A table with a row of d_model numbers for each token or position, as a {@link Draft} that is too
 * large to hold in doubles: each row is unpacked, changed and packed by itself.
 */
final class TokenTable {
  private final Matrix packed;
  private final Columns columns;
  private Consumer<double[]> change = row -> {};
  private boolean changed;

  TokenTable(Matrix packed, Backend backend) {
    this.packed = packed;
    this.columns = new Columns(packed, backend);
  }

  int rows() {
    return packed.out();
  }

  /** The row of a token with all changes so far. */
  void read(int token, double[] row) {
    columns.read(token, row);
    change.accept(row);
  }

  /** One more change to every row. */
  void change(Consumer<double[]> more) {
    change = change.andThen(more);
    changed = true;
  }

  /** Takes away the mean of a row. */
  static void centre(double[] row) {
    double mean = 0;
    for (double x : row) {
      mean += x;
    }
    mean /= row.length;
    for (int i = 0; i < row.length; i++) {
      row[i] -= mean;
    }
  }

  /** Packed anew if anything was changed. */
  Matrix matrix(Backend backend) {
    return changed ? backend.packTransposed(new Changed(), packed.block()) : packed;
  }

  private final class Changed implements Source {
    private final double[] row = new double[packed.in()];

    @Override
    public int rows() {
      return packed.out();
    }

    @Override
    public int columns() {
      return packed.in();
    }

    @Override
    public void read(int token, int from, int count, float[] into, int at) {
      TokenTable.this.read(token, row);
      for (int i = 0; i < count; i++) {
        into[at + i] = (float) row[from + i];
      }
    }

    @Override
    public void read(int token, int from, int count, double[] into, int at) {
      TokenTable.this.read(token, row);
      System.arraycopy(row, from, into, at, count);
    }
  }
}
