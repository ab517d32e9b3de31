package dev.vitrine.tensor.factored;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.Complex_F64;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/** Plain matrices of doubles, and what EJML makes of them: the one place that knows it. */
final class Matrix {
  private final DMatrixRMaj data;

  private Matrix(DMatrixRMaj data) {
    this.data = data;
  }

  /** The tensor's two axes as rows and columns. */
  static Matrix of(Tensor tensor, Axis rows, Axis columns) {
    double[] elements = tensor.permute(rows, columns).doubles();
    return new Matrix(DMatrixRMaj.wrap(tensor.size(rows), tensor.size(columns), elements));
  }

  double[] elements() {
    return data.data;
  }

  int rows() {
    return data.numRows;
  }

  int columns() {
    return data.numCols;
  }

  /** This matrix times another. */
  Matrix times(Matrix right) {
    DMatrixRMaj product = new DMatrixRMaj(rows(), right.columns());
    CommonOps_DDRM.mult(data, right.data, product);
    return new Matrix(product);
  }

  /** This matrix times another, transposed. */
  Matrix timesTransposed(Matrix right) {
    DMatrixRMaj product = new DMatrixRMaj(rows(), right.rows());
    CommonOps_DDRM.multTransB(data, right.data, product);
    return new Matrix(product);
  }

  Matrix transpose() {
    return new Matrix(CommonOps_DDRM.transpose(data, null));
  }

  /** The square root of the sum of squares. */
  double norm() {
    double sum = 0;
    for (double x : elements()) {
      sum += x * x;
    }
    return Math.sqrt(sum);
  }

  /**
   * An orthonormal matrix and a triangular one, whose product is the matrix.
   *
   * @param q {@code [rows, n]}, n the lesser of rows and columns
   * @param r {@code [n, columns]}
   */
  record Qr(Matrix q, Matrix r) {}

  Qr qr() {
    QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(rows(), columns());
    decompose(qr.decompose(data.copy()));
    return new Qr(new Matrix(qr.getQ(null, true)), new Matrix(qr.getR(null, true)));
  }

  /**
   * {@code u · diag(s) · vᵀ}, the singular values falling.
   *
   * @param u {@code [rows, n]}, n the lesser of rows and columns
   * @param v {@code [columns, n]}
   */
  record Svd(Matrix u, List<Double> s, Matrix v) {}

  Svd svd() {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(rows(), columns(), true, true, true);
    decompose(svd.decompose(data.copy()));
    DMatrixRMaj u = svd.getU(null, false);
    DMatrixRMaj v = svd.getV(null, false);
    int count = Math.min(rows(), columns());
    double[] values = svd.getSingularValues();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      order.add(i);
    }
    order.sort((i, j) -> Double.compare(values[j], values[i]));
    List<Double> sorted = order.stream().map(i -> values[i]).toList();
    return new Svd(new Matrix(columns(u, order)), sorted, new Matrix(columns(v, order)));
  }

  private static DMatrixRMaj columns(DMatrixRMaj matrix, List<Integer> order) {
    DMatrixRMaj chosen = new DMatrixRMaj(matrix.numRows, order.size());
    for (int row = 0; row < matrix.numRows; row++) {
      for (int column = 0; column < order.size(); column++) {
        chosen.set(row, column, matrix.get(row, order.get(column)));
      }
    }
    return chosen;
  }

  /** The eigenvalues, by falling real part, then falling imaginary part. */
  List<Complex_F64> eigenvalues() {
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(rows(), false, false);
    decompose(eigen.decompose(data.copy()));
    List<Complex_F64> values = new ArrayList<>();
    for (int i = 0; i < rows(); i++) {
      values.add(eigen.getEigenvalue(i));
    }
    values.sort((a, b) -> {
      int byReal = Double.compare(b.real, a.real);
      return byReal != 0 ? byReal : Double.compare(b.imaginary, a.imaginary);
    });
    return values;
  }

  private static void decompose(boolean converged) {
    if (!converged) {
      throw new ArithmeticException(
          "the decomposition did not converge: are there infinities or NaN in the weights?");
    }
  }
}
