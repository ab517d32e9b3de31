package dev.vitrine.tensor.factored;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;

/**
 * A singular value decomposition {@code U · diag(S) · Vᵀ}. The sign of a pair of singular vectors
 * is arbitrary.
 *
 * @param u {@code [batch …, rows, vectors]}: orthonormal directions that are read
 * @param s {@code [batch …, vectors]}: how much each is scaled, falling
 * @param v {@code [batch …, columns, vectors]}: orthonormal directions that are written
 * @param vectors the axis that counts the pairs
 */
public record Svd(Tensor u, Tensor s, Tensor v, Axis vectors) {

  /**
   * Of a matrix that is not factored, such as W_out.
   *
   * @param matrix with the axes {@code rows} and {@code columns} and no other
   * @throws IllegalStateException if EJML is not on the class path
   */
  public static Svd of(Tensor matrix, Axis rows, Axis columns) {
    Ejml.require();
    Matrix dense = Matrix.of(matrix, rows, columns);
    // The decomposition of a tall matrix's triangle is that of the matrix, and cheaper.
    boolean tall = dense.rows() > dense.columns();
    Matrix.Qr qr = tall ? dense.qr() : null;
    Matrix.Svd svd = qr == null ? dense.svd() : qr.r().svd();
    Matrix left = qr == null ? svd.u() : qr.q().times(svd.u());
    Dimension vectors = Axis.VECTOR.of(svd.s().size());
    double[] values = svd.s().stream().mapToDouble(Double::doubleValue).toArray();
    return new Svd(
        seen(matrix, Tensor.of(left.elements(), dimension(matrix, rows), vectors)),
        seen(matrix, Tensor.of(values, vectors)),
        seen(matrix, Tensor.of(svd.v().elements(), dimension(matrix, columns), vectors)),
        Axis.VECTOR);
  }

  private static Dimension dimension(Tensor tensor, Axis axis) {
    return tensor.dimensions().stream().filter(d -> d.axis() == axis).findFirst().orElseThrow();
  }

  private static Tensor seen(Tensor matrix, Tensor part) {
    return matrix.view().map(part::withView).orElse(part);
  }
}
