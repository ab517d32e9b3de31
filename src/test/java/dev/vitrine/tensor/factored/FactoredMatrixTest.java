package dev.vitrine.tensor.factored;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.D_MODEL2;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.HEAD2;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.RE_IM;
import static dev.vitrine.tensor.Axis.VOCAB;
import static dev.vitrine.tensor.Axis.VOCAB2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A product that is kept as a product is the product. */
class FactoredMatrixTest {
  private final Random random = new Random(11);

  private Tensor random(Dimension... dimensions) {
    int size = 1;
    for (Dimension dimension : dimensions) {
      size *= dimension.size();
    }
    return Tensor.of(random.doubles(size, -1, 1).toArray(), dimensions);
  }

  private FactoredMatrix matrix(int heads, int model, int inner) {
    return FactoredMatrix.of(
        random(HEAD.of(heads), D_MODEL.of(model), D_HEAD.of(inner)),
        D_MODEL,
        D_HEAD,
        random(HEAD.of(heads), D_HEAD.of(inner), D_MODEL.of(model)),
        D_MODEL);
  }

  private static void assertSame(Tensor actual, Tensor expected) {
    assertThat(actual.maxAbsDifference(expected)).isLessThan(1e-12);
  }

  /** Sizes of d_model and d_head: thin, square, one, and a head wider than the stream. */
  @ParameterizedTest
  @CsvSource({"7, 3", "5, 5", "6, 1", "1, 1", "4, 9", "1, 4", "31, 16"})
  void decompositionsGiveTheMatrixBack(int model, int inner) {
    FactoredMatrix matrix = matrix(2, model, inner);
    Svd svd = matrix.svd();
    Tensor right = svd.v().rename(D_MODEL, D_MODEL2);
    assertSame(svd.u().times(svd.s()).dot(right, D_HEAD), matrix.ab());
    Tensor unit = svd.u().dot(svd.u().rename(D_HEAD, VOCAB), D_MODEL);
    for (int i = 0; i < svd.s().size(D_HEAD); i++) {
      assertThat(unit.get(0, i, i)).isCloseTo(1, within(1e-12));
    }
    assertSame(matrix.makeEven().ab(), matrix.ab());
    assertSame(matrix.norm(), matrix.ab().norm(D_MODEL, D_MODEL2));
    assertSame(matrix.trace(), matrix.eigenvalues().at(RE_IM, 0).sum(D_HEAD));
    assertSame(matrix.norm(), svd.s().norm(D_HEAD));
  }

  @Test
  void productsOnBothSidesAreThoseOfTheMatrix() {
    FactoredMatrix ov = matrix(2, 6, 3);
    FactoredMatrix wide = matrix(2, 6, 5);
    Tensor unembed = random(D_MODEL.of(6), VOCAB.of(9));
    Tensor embed = random(VOCAB.of(9), D_MODEL.of(6));
    Tensor whole = ov.ab();
    FactoredMatrix full = ov.leftTimes(embed).times(unembed);
    Tensor expected =
        embed
            .dot(whole, D_MODEL)
            .dot(unembed.rename(D_MODEL, D_MODEL2).rename(VOCAB, VOCAB2), D_MODEL2);
    assertThat(full.rows()).isEqualTo(VOCAB);
    assertThat(full.columns()).isEqualTo(VOCAB2);
    assertSame(full.ab(), expected);
    assertSame(full.corner(4), expected.range(VOCAB, 0, 4).range(VOCAB2, 0, 4));
    assertSame(full.rows(2, 7), expected.at(VOCAB, 2, 7));
    assertSame(full.at(HEAD, 1).ab(), expected.at(HEAD, 1));

    Tensor product = whole.rename(D_MODEL2, VOCAB).dot(wide.ab().rename(D_MODEL, VOCAB), VOCAB);
    assertSame(ov.times(wide).ab(), product);
    assertSame(
        wide.times(ov).ab(),
        wide.ab().rename(D_MODEL2, VOCAB).dot(whole.rename(D_MODEL, VOCAB), VOCAB));
    assertThat(wide.times(ov).a().size(D_HEAD)).isEqualTo(3);

    Tensor x = random(POSITION.of(4), D_MODEL.of(6));
    assertSame(ov.apply(x), x.dot(whole, D_MODEL).rename(D_MODEL2, D_MODEL));
    assertSame(
        ov.transpose().ab(),
        whole.rename(D_MODEL, VOCAB).rename(D_MODEL2, D_MODEL).rename(VOCAB, D_MODEL2));
  }

  @Test
  void normsOfManyProductsAreThoseOfEach() {
    FactoredMatrix left = matrix(3, 7, 2);
    FactoredMatrix right = matrix(2, 7, 4).rename(HEAD, HEAD2);
    assertSame(left.normOfProduct(right), left.times(right).norm());
  }

  @Test
  void eigenvaluesAreSortedAndInPairs() {
    Tensor turn = Tensor.of(new double[] {0, -2, 0, 2, 0, 0, 0, 0, 3}, D_MODEL.of(3), D_HEAD.of(3));
    Tensor one = Tensor.of(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, D_HEAD.of(3), D_MODEL.of(3));
    FactoredMatrix matrix = FactoredMatrix.of(turn, D_MODEL, D_HEAD, one, D_MODEL);
    double[] values = matrix.eigenvalues().doubles();
    double[] expected = {3, 0, 0, 2, 0, -2};
    for (int i = 0; i < expected.length; i++) {
      assertThat(values[i]).isCloseTo(expected[i], within(1e-12));
    }
    assertThat(matrix.copyingScore().value()).isCloseTo(3.0 / 7, within(1e-12));
    assertThat(matrix.trace().value()).isCloseTo(3, within(1e-12));
  }

  @Test
  void aPlainMatrixIsDecomposedToo() {
    for (int[] size : new int[][] {{9, 4}, {4, 9}, {5, 5}, {1, 3}}) {
      Tensor matrix = random(VOCAB.of(size[0]), D_MODEL.of(size[1]));
      Svd svd = Svd.of(matrix, VOCAB, D_MODEL);
      assertSame(svd.u().times(svd.s()).dot(svd.v(), svd.vectors()), matrix);
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    FactoredMatrix ov = matrix(2, 6, 3);
    FactoredMatrix full = ov.times(random(D_MODEL.of(6), VOCAB.of(9)));
    assertThatThrownBy(full::eigenvalues).hasMessageContaining("only a square matrix");
    assertThatThrownBy(() -> full.times(ov)).hasMessageContaining("do not meet");
    assertThatThrownBy(() -> ov.at(D_HEAD, 0)).hasMessageContaining("form it first");
    assertThatThrownBy(() -> ov.times(random(VOCAB.of(3)))).hasMessageContaining("no axis d_model");
    assertThatThrownBy(() ->
            FactoredMatrix.of(
                random(D_MODEL.of(2), D_HEAD.of(3)),
                D_MODEL,
                D_HEAD,
                random(D_HEAD.of(4), D_MODEL.of(2)),
                D_MODEL))
        .hasMessageContaining("differ on axis d_head");
  }
}
