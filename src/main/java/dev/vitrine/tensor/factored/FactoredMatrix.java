package dev.vitrine.tensor.factored;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A matrix that is known as the product of two thin ones, A and B, and is never formed unless
 * asked: a head's OV circuit W_V W_O and its QK circuit W_Q W_Kᵀ (Elhage et al. 2021), which are
 * {@code d_model × d_model} of rank d_head.
 *
 * <p><b>Axes.</b> Rows lie on an axis such as {@code d_model}, columns on the {@link Axis#second}
 * of one, such as {@code d_model2}; row vectors multiply from the left. All further axes, such as
 * layer and head, are a batch: a matrix for each of their indices. The axis between A and B is
 * {@code inner}.
 *
 * <p>Everything is computed in double precision. Decompositions work on {@code inner × inner}
 * cores: they need EJML, which is an optional dependency.
 */
public final class FactoredMatrix {
  private final Tensor a;
  private final Tensor b;
  private final Axis rows;
  private final Axis inner;
  private final Axis columns;

  private FactoredMatrix(Tensor a, Tensor b, Axis rows, Axis inner, Axis columns) {
    this.a = a;
    this.b = b;
    this.rows = rows;
    this.inner = inner;
    this.columns = columns;
  }

  /**
   * The product of two tensors over an axis that both have.
   *
   * @param a with the axes {@code rows} and {@code inner}
   * @param b with the axes {@code inner} and {@code columns}
   * @param columns the axis of b that the columns lie on; it is renamed to its {@link Axis#second}
   * @throws IllegalArgumentException if an axis is missing, the factors are of two views, or the
   *     sizes differ
   */
  public static FactoredMatrix of(Tensor a, Axis rows, Axis inner, Tensor b, Axis columns) {
    Tensor right = named(b, columns, columns.second());
    a.size(rows);
    if (a.size(inner) != right.size(inner)) {
      throw new IllegalArgumentException(
          "%s and %s do not multiply: they differ on axis %s"
              .formatted(a.shapeText(), b.shapeText(), inner));
    }
    return new FactoredMatrix(inDouble(a), inDouble(right), rows, inner, columns.second());
  }

  private static Tensor named(Tensor tensor, Axis from, Axis to) {
    return from == to ? tensor : tensor.rename(from, to);
  }

  private static Tensor inDouble(Tensor tensor) {
    if (tensor.isDouble()) {
      return tensor;
    }
    Tensor copy = Tensor.of(tensor.doubles(), tensor.dimensions().toArray(Dimension[]::new));
    return tensor.view().map(copy::withView).orElse(copy);
  }

  /** The left factor, {@code [batch …, rows, inner]}. */
  public Tensor a() {
    return a;
  }

  /** The right factor, {@code [batch …, inner, columns]}. */
  public Tensor b() {
    return b;
  }

  /** The axis of the rows. */
  public Axis rows() {
    return rows;
  }

  /** The axis between the factors. */
  public Axis inner() {
    return inner;
  }

  /** The axis of the columns, the second of some axis. */
  public Axis columns() {
    return columns;
  }

  // ---- forming it

  /** The whole matrix, {@code [batch …, rows, columns]}; large. */
  public Tensor ab() {
    return a.dot(b, inner);
  }

  /**
   * The core B A, {@code [batch …, inner, inner2]}, which has the same eigenvalues but zeros.
   *
   * @throws IllegalArgumentException if rows and columns are not of one kind and size
   */
  public Tensor ba() {
    requireSquare();
    return b.dot(a.rename(inner, inner.second()).rename(rows, columns), columns);
  }

  /** The first {@code size} rows and columns, formed by themselves. */
  public Tensor corner(int size) {
    Tensor top = a.range(rows, 0, Math.min(size, a.size(rows)));
    return top.dot(b.range(columns, 0, Math.min(size, b.size(columns))), inner);
  }

  /** Some rows of the matrix, formed by themselves. */
  public Tensor rows(int... indices) {
    return a.at(rows, indices).dot(b, inner);
  }

  /** The matrices at one index of a batch axis. */
  public FactoredMatrix at(Axis batch, int index) {
    if (batch == rows || batch == inner || batch == columns) {
      throw new IllegalArgumentException(
          "%s is an axis of the matrix itself; form it first: corner, rows or ab".formatted(batch));
    }
    Tensor left = a.has(batch) || !b.has(batch) ? a.at(batch, index) : a;
    Tensor right = b.has(batch) ? b.at(batch, index) : b;
    return new FactoredMatrix(left, right, rows, inner, columns);
  }

  /** The matrices with a batch axis under another name: that of what reads, not what writes. */
  public FactoredMatrix rename(Axis from, Axis to) {
    return new FactoredMatrix(
        a.has(from) ? a.rename(from, to) : a,
        b.has(from) ? b.rename(from, to) : b,
        rows,
        inner,
        columns);
  }

  // ---- products

  /** The transposed matrix Bᵀ Aᵀ. */
  public FactoredMatrix transpose() {
    return new FactoredMatrix(
        b.rename(columns, columns.first()),
        a.rename(rows, rows.second()),
        columns.first(),
        inner,
        rows.second());
  }

  /**
   * What it makes of row vectors: {@code x A B}.
   *
   * @param x with the axis of the rows; its other axes stay
   * @return with the {@link Axis#first} of the columns' axis in its place
   */
  public Tensor apply(Tensor x) {
    return x.dot(a, rows).dot(b, inner).rename(columns, columns.first());
  }

  /**
   * The product with a matrix on the right, {@code A (B W)}: the logits that a circuit writes,
   * where W is W_U.
   *
   * @param right with the {@link Axis#first} of the columns' axis, and one other that is no batch
   *     axis of this
   */
  public FactoredMatrix times(Tensor right) {
    Axis over = columns.first();
    Axis out = other(right, over);
    Tensor product = b.rename(columns, over).dot(inDouble(right), over);
    return new FactoredMatrix(a, named(product, out, out.second()), rows, inner, out.second());
  }

  /**
   * The product with a matrix on the left, {@code (W A) B}: what a circuit reads from each token,
   * where W is W_E.
   *
   * @param left with the axis of the rows, and one other that is no batch axis of this
   */
  public FactoredMatrix leftTimes(Tensor left) {
    Axis out = other(left, rows);
    Tensor product = named(inDouble(left).dot(a, rows), out, out.first());
    return new FactoredMatrix(product, b, out.first(), inner, columns);
  }

  /**
   * The product with another on the right, the first circuit's output read by the second. Stays
   * factored over the thinner of the two.
   *
   * @throws IllegalArgumentException if this one's columns and the other's rows do not fit
   */
  public FactoredMatrix times(FactoredMatrix right) {
    if (columns.first() != right.rows) {
      throw new IllegalArgumentException(
          "columns on %s do not meet rows on %s".formatted(columns, right.rows));
    }
    Axis mine = inner;
    Axis theirs = right.inner == mine ? mine.second() : right.inner;
    Tensor rightA = named(right.a, right.inner, theirs);
    Tensor rightB = named(right.b, right.inner, theirs);
    Tensor core = b.rename(columns, right.rows).dot(rightA, right.rows);
    if (core.size(mine) <= core.size(theirs)) {
      return new FactoredMatrix(a, core.dot(rightB, theirs), rows, mine, right.columns);
    }
    Tensor left = named(a.dot(core, mine), theirs, right.inner);
    return new FactoredMatrix(left, right.b, rows, right.inner, right.columns);
  }

  private Axis other(Tensor matrix, Axis known) {
    List<Axis> others = new ArrayList<>(matrix.axes());
    if (!others.remove(known)) {
      throw new IllegalArgumentException(
          "%s has no axis %s to multiply over".formatted(matrix.shapeText(), known));
    }
    others.removeIf(axis -> batch().stream().anyMatch(d -> d.axis() == axis));
    if (others.size() != 1) {
      throw new IllegalArgumentException(
          "%s is no matrix: it needs one axis beside %s".formatted(matrix.shapeText(), known));
    }
    return others.getFirst();
  }

  // ---- numbers

  /**
   * The square root of the sum of squares (Frobenius), for each of the batch.
   *
   * @throws IllegalStateException if EJML is not on the class path
   */
  public Tensor norm() {
    return seen(Spectra.norms(this));
  }

  /**
   * The norm of the product with each matrix of another's batch, {@code [batch …, right's batch
   * …]}: the same as {@code times(right).norm()}, for many pairs. With A = Q R, only {@code R B} of
   * the left and {@code A Rᵀ} of the right meet.
   *
   * @throws IllegalArgumentException if both have a batch axis in common: {@link #rename} one
   * @throws IllegalStateException if EJML is not on the class path
   */
  public Tensor normOfProduct(FactoredMatrix right) {
    return seen(Spectra.normsOfProducts(this, right));
  }

  /**
   * The sum of the diagonal, for each of the batch.
   *
   * @throws IllegalArgumentException if the matrix is not square
   */
  public Tensor trace() {
    requireSquare();
    return a.dot(b.rename(columns, rows), rows, inner);
  }

  /**
   * {@code U · diag(S) · Vᵀ}, by the QR decompositions of A and Bᵀ and the singular values of an
   * inner × inner core.
   *
   * @throws IllegalStateException if EJML is not on the class path
   */
  public Svd svd() {
    Svd svd = Spectra.svd(this);
    return new Svd(seen(svd.u()), seen(svd.s()), seen(svd.v()), inner);
  }

  /**
   * The eigenvalues other than the zeros that the rank leaves, {@code [batch …, inner, re_im]}: by
   * falling real part, then falling imaginary part.
   *
   * @throws IllegalArgumentException if the matrix is not square
   * @throws IllegalStateException if EJML is not on the class path
   */
  public Tensor eigenvalues() {
    return seen(Spectra.eigenvalues(this));
  }

  /**
   * Whether a circuit copies: Σ Re λ / Σ |λ| over its eigenvalues, from -1 to 1 (Elhage et al.
   * 2021). Of {@code W_E W_V W_O W_U}, it says whether a head raises the logit of the token that it
   * looks at.
   */
  public Tensor copyingScore() {
    Tensor values = eigenvalues();
    Tensor real = values.at(Axis.RE_IM, 0).sum(inner);
    return real.over(values.norm(Axis.RE_IM).sum(inner));
  }

  /** The same matrix, its singular values shared evenly: {@code (U √S) (√S Vᵀ)}. */
  public FactoredMatrix makeEven() {
    Svd svd = svd();
    Tensor root = svd.s().sqrt();
    Tensor right = svd.v().rename(columns.first(), columns);
    return new FactoredMatrix(svd.u().times(root), right.times(root), rows, inner, columns);
  }

  // ---- shape

  /** The number of rows, the inner size and the number of columns of each matrix. */
  public String shapeText() {
    String one =
        "%d × %d of rank at most %d".formatted(a.size(rows), b.size(columns), a.size(inner));
    return batch().isEmpty() ? one : one + ", for each of " + batch();
  }

  /** The axes of the batch: those of A, then those that only B has. */
  List<Dimension> batch() {
    List<Dimension> batch = new ArrayList<>();
    for (Tensor factor : List.of(a, b)) {
      for (Dimension dimension : factor.dimensions()) {
        Axis axis = dimension.axis();
        boolean known = batch.stream().anyMatch(d -> d.axis() == axis);
        if (axis != rows && axis != inner && axis != columns && !known) {
          batch.add(dimension);
        }
      }
    }
    return List.copyOf(batch);
  }

  private void requireSquare() {
    if (columns.first() != rows || a.size(rows) != b.size(columns)) {
      throw new IllegalArgumentException(
          "only a square matrix has a trace and eigenvalues: this one is " + shapeText());
    }
  }

  /** The tensor, of the view of the factors. */
  private Tensor seen(Tensor tensor) {
    Optional<View> view = a.view().isPresent() ? a.view() : b.view();
    return view.map(tensor::withView).orElse(tensor);
  }

  @Override
  public String toString() {
    return "FactoredMatrix " + shapeText();
  }
}
