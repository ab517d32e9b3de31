package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Source;
import org.jspecify.annotations.Nullable;

/**
 * A weight on its way from one view to another: it is unpacked to doubles when first read, and
 * packed again, rounded once, only if it was changed. What no step changes is shared by both views.
 */
final class Draft {
  private final Backend backend;
  private final int rows;
  private final int columns;
  private final @Nullable Matrix packedMatrix;
  private final @Nullable Array packedVector;
  private double @Nullable [] elements;
  private boolean changed;

  private Draft(
      Backend backend,
      int rows,
      int columns,
      @Nullable Matrix packedMatrix,
      @Nullable Array packedVector) {
    this.backend = backend;
    this.rows = rows;
    this.columns = columns;
    this.packedMatrix = packedMatrix;
    this.packedVector = packedVector;
  }

  static Draft of(Matrix matrix, Backend backend) {
    return new Draft(backend, matrix.in(), matrix.out(), matrix, null);
  }

  static Draft of(Array vector, Backend backend) {
    return new Draft(backend, 1, vector.columns(), null, vector);
  }

  int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  /** Its elements {@code [rows, columns]}, to be changed in place. */
  double[] change() {
    double[] known = elements();
    changed = true;
    return known;
  }

  /** Its elements {@code [rows, columns]}, to be read. */
  double[] elements() {
    double[] known = elements;
    if (known == null) {
      known = packedMatrix == null ? read(vector(), columns) : unpack(packedMatrix);
      elements = known;
    }
    return known;
  }

  private double[] read(Array vector, int count) {
    double[] values = new double[count];
    backend.read(vector, 0, 0, count, values, 0);
    return values;
  }

  private double[] unpack(Matrix matrix) {
    double[] values = new double[Math.multiplyExact(rows, columns)];
    Columns each = new Columns(matrix, backend);
    double[] column = new double[rows];
    for (int j = 0; j < columns; j++) {
      each.read(j, column);
      for (int i = 0; i < rows; i++) {
        values[i * columns + j] = column[i];
      }
    }
    return values;
  }

  /** Takes away the mean of each row, which is what a writer adds along d_model. */
  void centreRows() {
    double[] w = change();
    for (int i = 0; i < rows; i++) {
      double mean = 0;
      for (int j = 0; j < columns; j++) {
        mean += w[i * columns + j];
      }
      mean /= columns;
      for (int j = 0; j < columns; j++) {
        w[i * columns + j] -= mean;
      }
    }
  }

  Matrix matrix() {
    if (packedMatrix == null) {
      throw new IllegalStateException("a vector was taken for a matrix");
    }
    return changed
        ? backend.pack(new Rows(rows, columns, elements()), packedMatrix.block())
        : packedMatrix;
  }

  Array vector() {
    if (packedVector == null) {
      throw new IllegalStateException("a matrix was taken for a vector");
    }
    return changed ? write(elements(), backend) : packedVector;
  }

  static Array write(double[] values, Backend backend) {
    Array vector = backend.rows(1, values.length);
    backend.write(vector, 0, 0, values.length, values, 0);
    return vector;
  }

  /** Doubles as a backend packs them; f32 rounds each once. */
  private static final class Rows implements Source {
    private final int rows;
    private final int columns;
    private final double[] elements;

    Rows(int rows, int columns, double[] elements) {
      this.rows = rows;
      this.columns = columns;
      this.elements = elements;
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
    public void read(int row, int from, int count, float[] into, int at) {
      for (int i = 0; i < count; i++) {
        into[at + i] = (float) elements[row * columns + from + i];
      }
    }

    @Override
    public void read(int row, int from, int count, double[] into, int at) {
      System.arraycopy(elements, row * columns + from, into, at, count);
    }
  }
}
