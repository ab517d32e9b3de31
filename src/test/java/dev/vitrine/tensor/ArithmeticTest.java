package dev.vitrine.tensor;

import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.ONE;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Arithmetic aligns axes by name and rounds once. */
class ArithmeticTest {

  @RepeatedTest(50)
  void broadcastingIsWhatNaiveLoopsSay(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int[] sizes = {random.nextInt(4), 1 + random.nextInt(3), 1 + random.nextInt(4)};
    Axis[] axes = {BATCH, HEAD, KEY};
    Tensor a = some(random, axes, sizes);
    Tensor b = some(random, axes, sizes);
    Tensor sum = a.plus(b);
    Tensor quotient = a.over(b);
    for (int i = 0; i < sizes[0]; i++) {
      for (int j = 0; j < sizes[1]; j++) {
        for (int k = 0; k < sizes[2]; k++) {
          int[] at = {i, j, k};
          float x = (float) pick(a, axes, at);
          float y = (float) pick(b, axes, at);
          assertThat((float) pick(sum, axes, at)).isEqualTo(x + y);
          assertThat((float) pick(quotient, axes, at)).isEqualTo(x / y);
        }
      }
    }
    assertThat(b.plus(a).sameBits(sum)).isTrue();
    assertThat(b.times(a).sameBits(a.times(b))).isTrue();
  }

  /** A tensor over some of the axes in some order. */
  private static Tensor some(Random random, Axis[] axes, int[] sizes) {
    List<Dimension> dimensions = new ArrayList<>();
    for (int i = 0; i < axes.length; i++) {
      if (random.nextBoolean()) {
        dimensions.add(axes[i].of(sizes[i]));
      }
    }
    Collections.shuffle(dimensions, random);
    return Samples.floats(random.nextLong(), dimensions.toArray(Dimension[]::new));
  }

  private static double pick(Tensor tensor, Axis[] axes, int[] at) {
    Tensor one = tensor;
    for (int i = 0; i < axes.length; i++) {
      one = one.has(axes[i]) ? one.at(axes[i], at[i]) : one;
    }
    return one.value();
  }

  @Test
  void floatsObeyIeee754AndADoubleMakesDoubles() {
    Tensor a = Samples.floats(1, KEY.of(1000));
    Tensor b = Samples.floats(2, KEY.of(1000));
    float[] x = a.floats();
    float[] y = b.floats();
    float[] product = a.times(b).floats();
    float[] difference = a.minus(b).floats();
    for (int i = 0; i < x.length; i++) {
      assertThat(product[i]).isEqualTo(x[i] * y[i]);
      assertThat(difference[i]).isEqualTo(x[i] - y[i]);
    }
    Tensor c = Samples.doubles(3, KEY.of(1000));
    assertThat(a.plus(c).isDouble()).isTrue();
    assertThat(a.plus(c).get(7)).isEqualTo(x[7] + c.get(7));
  }

  @Test
  void theResultHasTheOrderOfTheOperandWithAllAxes() {
    Tensor matrix = Samples.floats(1, POSITION.of(2), D_MODEL.of(3));
    Tensor vector = Samples.floats(2, D_MODEL.of(3));
    assertThat(vector.plus(matrix).shapeText()).isEqualTo("[position 2, d_model 3]");
    assertThat(matrix.plus(vector).shapeText()).isEqualTo("[position 2, d_model 3]");
    Tensor other = Samples.floats(3, LAYER.of(4), D_MODEL.of(3));
    assertThat(matrix.plus(other).shapeText()).isEqualTo("[position 2, d_model 3, layer 4]");
  }

  @Test
  void oneStandsForAnAxisLeftOut() {
    Tensor residual = Samples.floats(1, BATCH.of(1), POSITION.of(2), D_MODEL.of(3));
    Tensor scale = Samples.floats(2, BATCH.of(1), POSITION.of(2), ONE.of(1));
    Tensor normalized = residual.over(scale);
    assertThat(normalized.shapeText()).isEqualTo("[batch 1, position 2, d_model 3]");
    assertThat(normalized.sameBits(residual.over(scale.at(ONE, 0)))).isTrue();
    assertThat(scale.times(scale).shapeText()).isEqualTo("[batch 1, position 2, one 1]");
    assertThat(scale.times(2).plus(scale.at(ONE, 0)).shapeText())
        .isEqualTo("[batch 1, position 2, one 1]");
  }

  @Test
  void labelsAreThoseOfTheOperandThatHasSome() {
    Tensor named = Samples.floats(1, POSITION.of(List.of("a", "b")));
    Tensor numbered = Samples.floats(2, POSITION.of(2));
    assertThat(numbered.plus(named).labels(POSITION)).containsExactly("a", "b");
    assertThat(named.plus(numbered).labels(POSITION)).containsExactly("a", "b");
  }

  @Test
  void whatDoesNotAlignIsRefusedWithBothShapes() {
    Tensor a = Samples.floats(1, HEAD.of(6), QUERY.of(4));
    Tensor b = Samples.floats(1, HEAD.of(6), QUERY.of(5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> a.minus(b))
        .withMessage(
            "[head 6, query 4] and [head 6, query 5] do not align: they differ on axis query");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> a.maxAbsDifference(b))
        .withMessage(
            "[head 6, query 4] and [head 6, query 5] cannot be compared: their shapes differ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.stack(List.of(a, b), LAYER.of(2)))
        .withMessage("[head 6, query 4] and [head 6, query 5] do not join");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.concat(List.of(), HEAD))
        .withMessage("no tensors to join");
  }

  @Test
  void aProductIsTheSumOfProducts() {
    Tensor x = Samples.doubles(1, POSITION.of(3), HEAD.of(2), D_MODEL.of(5));
    Tensor w = Samples.doubles(2, D_MODEL.of(5), HEAD.of(2), VOCAB.of(4));
    Tensor product = x.dot(w, D_MODEL);
    assertThat(product.shapeText()).isEqualTo("[position 3, head 2, vocab 4]");
    assertThat(product.sameBits(x.times(w).sum(D_MODEL))).isTrue();
    assertThat(w.dot(x, D_MODEL).sameBits(product)).isTrue();
    assertThat(x.dot(w, HEAD, D_MODEL).maxAbsDifference(x.times(w).sum(HEAD, D_MODEL)))
        .isLessThan(1e-14);
    assertThat(x.dot(x, POSITION, HEAD, D_MODEL).value()).isEqualTo(x.times(x).sum().value());
  }

  @Test
  void stackingAndJoiningAreUndoneByIndexing() {
    Tensor a = Samples.floats(1, HEAD.of(2), KEY.of(3));
    Tensor b = Samples.floats(2, HEAD.of(2), KEY.of(3));
    Tensor stack = Tensor.stack(List.of(a, b.permute(KEY, HEAD)), LAYER.of(List.of("x", "y")));
    assertThat(stack.shapeText()).isEqualTo("[layer 2, head 2, key 3]");
    assertThat(stack.at(LAYER, "y").sameBits(b)).isTrue();
    Tensor joined = Tensor.concat(List.of(a, b.range(KEY, 1, 3)), KEY);
    assertThat(joined.range(KEY, 0, 3).sameBits(a)).isTrue();
    assertThat(joined.range(KEY, 3, 5).sameBits(b.range(KEY, 1, 3))).isTrue();
  }

  @Test
  void tensorsAreComparedToTheBit() {
    Tensor a = Tensor.of(new float[] {0f, Float.NaN, 1f}, KEY.of(3));
    Tensor b = Tensor.of(new float[] {-0f, Float.NaN, 1f}, KEY.of(3));
    assertThat(a.sameBits(b)).isFalse();
    assertThat(a.sameBits(a.at(KEY, 2, 1, 0).at(KEY, 2, 1, 0))).isTrue();
    assertThat(a.maxAbsDifference(b)).isEqualTo(0);
    assertThat(a.firstDifference(b).orElseThrow()).hasToString("0.0 against -0.0 at [key 0]");
    assertThat(a.firstDifference(a)).isEmpty();
    assertThat(a.maxAbsDifference(Tensor.of(new float[3], KEY.of(3)))).isNaN();
    assertThat(a.sameBits(Tensor.of(a.doubles(), KEY.of(3)))).isFalse();
  }
}
