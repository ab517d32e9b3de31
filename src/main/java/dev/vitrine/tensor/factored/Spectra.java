package dev.vitrine.tensor.factored;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Norms, singular values and eigenvalues of products, by the small cores of their factors. */
final class Spectra {
  private Spectra() {}

  /** The Frobenius norm of each matrix of the batch: of {@code R_A R_Bᵀ}, with A = Q R_A. */
  static Tensor norms(FactoredMatrix m) {
    Ejml.require();
    Batch norms = new Batch(m.batch(), List.of());
    Batch.eachOf(
        m.a(),
        m.b(),
        m.batch(),
        (left, right) -> {
          Matrix ra = Matrix.of(left, m.rows(), m.inner()).qr().r();
          Matrix rb = Matrix.of(right, m.columns(), m.inner()).qr().r();
          norms.add(new double[] {ra.timesTransposed(rb).norm()});
        });
    return norms.tensor();
  }

  /** The norm of each product of one of {@code m} with one of {@code right}. */
  static Tensor normsOfProducts(FactoredMatrix m, FactoredMatrix right) {
    Ejml.require();
    if (m.columns().first() != right.rows()
        || m.b().size(m.columns()) != right.a().size(right.rows())) {
      throw new IllegalArgumentException(
          "%s on %s does not meet %s on %s".formatted(m, m.columns(), right, right.rows()));
    }
    List<Matrix> lefts = new ArrayList<>();
    Batch.eachOf(
        m.a(),
        m.b(),
        m.batch(),
        (x, y) ->
            lefts.add(
                Matrix.of(x, m.rows(), m.inner())
                    .qr()
                    .r()
                    .times(Matrix.of(y, m.inner(), m.columns()))));
    List<Matrix> rights = new ArrayList<>();
    Batch.eachOf(
        right.a(),
        right.b(),
        right.batch(),
        (x, y) ->
            rights.add(
                Matrix.of(x, right.rows(), right.inner())
                    .timesTransposed(Matrix.of(y, right.columns(), right.inner()).qr().r())));
    List<Dimension> pairs = new ArrayList<>(m.batch());
    pairs.addAll(right.batch());
    double[] norms =
        lefts.parallelStream()
            .flatMapToDouble(x -> rights.stream().mapToDouble(y -> x.times(y).norm()))
            .toArray();
    return Tensor.of(norms, pairs.toArray(Dimension[]::new));
  }

  /** The singular value decomposition of each. */
  static Svd svd(FactoredMatrix m) {
    Ejml.require();
    int count =
        Math.min(m.a().size(m.inner()), Math.min(m.a().size(m.rows()), m.b().size(m.columns())));
    Dimension vectors = m.inner().of(count);
    Dimension down = dimension(m.a(), m.rows());
    Dimension across = dimension(m.b(), m.columns()).renamed(m.columns().first());
    Batch u = new Batch(m.batch(), List.of(down, vectors));
    Batch s = new Batch(m.batch(), List.of(vectors));
    Batch v = new Batch(m.batch(), List.of(across, vectors));
    Batch.eachOf(
        m.a(),
        m.b(),
        m.batch(),
        (left, right) -> {
          Matrix.Qr qa = Matrix.of(left, m.rows(), m.inner()).qr();
          Matrix.Qr qb = Matrix.of(right, m.columns(), m.inner()).qr();
          Matrix.Svd core = qa.r().timesTransposed(qb.r()).svd();
          u.add(qa.q().times(core.u()).elements());
          s.add(core.s().stream().mapToDouble(Double::doubleValue).toArray());
          v.add(qb.q().times(core.v()).elements());
        });
    return new Svd(u.tensor(), s.tensor(), v.tensor(), m.inner());
  }

  /** The eigenvalues of each: those of {@code B A}. */
  static Tensor eigenvalues(FactoredMatrix m) {
    Ejml.require();
    Tensor core = m.ba();
    Dimension parts = Axis.RE_IM.of(List.of("re", "im"));
    Batch values = new Batch(m.batch(), List.of(m.inner().of(core.size(m.inner())), parts));
    Batch.eachOf(
        core,
        core,
        m.batch(),
        (left, right) ->
            values.add(
                Matrix.of(left, m.inner(), m.inner().second()).eigenvalues().stream()
                    .flatMapToDouble(z -> DoubleStream.of(z.real, z.imaginary))
                    .toArray()));
    return values.tensor();
  }

  private static Dimension dimension(Tensor tensor, Axis axis) {
    return tensor.dimensions().stream().filter(d -> d.axis() == axis).findFirst().orElseThrow();
  }
}
