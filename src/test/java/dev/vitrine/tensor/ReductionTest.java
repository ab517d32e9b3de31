package dev.vitrine.tensor;

import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Sums add in double and round once; extremes, softmax and top say what they do with NaN. */
class ReductionTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  @Test
  void sumsAddInDoubleAndRoundOnce() {
    Tensor t = Samples.floats(1, HEAD.of(3), QUERY.of(5), KEY.of(7));
    Tensor sums = t.sum(QUERY);
    assertThat(sums.shapeText()).isEqualTo("[head 3, key 7]");
    for (int head = 0; head < 3; head++) {
      for (int key = 0; key < 7; key++) {
        double sum = 0;
        double squares = 0;
        for (int query = 0; query < 5; query++) {
          double x = t.get(head, query, key);
          sum += x;
          squares += x * x;
        }
        assertThat(sums.get(head, key)).isEqualTo((float) sum);
        assertThat(t.mean(QUERY).get(head, key)).isEqualTo((float) (sum / 5));
        assertThat(t.norm(QUERY).get(head, key)).isEqualTo((float) Math.sqrt(squares));
      }
    }
    assertThat(t.sum(KEY, HEAD).sameBits(t.sum(HEAD, KEY))).isTrue();
    assertThat(t.sum().rank()).isZero();
  }

  @Test
  void ofNothingThereIsAnAnswer() {
    Tensor nothing = Tensor.of(new float[0], HEAD.of(2), KEY.of(0));
    assertThat(nothing.sum(KEY).floats()).containsExactly(0, 0);
    assertThat(nothing.mean(KEY).floats()).containsExactly(NAN, NAN);
    assertThat(nothing.max(KEY).floats()).containsExactly(-INF, -INF);
    assertThat(nothing.argmax(KEY).floats()).containsExactly(-1, -1);
    assertThat(nothing.softmax(KEY).elements()).isZero();
    assertThat(nothing.plus(nothing).shapeText()).isEqualTo("[head 2, key 0]");
    assertThat(nothing.top(3).entries()).isEmpty();
  }

  @Test
  void nanIsNotOverlooked() {
    Tensor t = Tensor.of(new float[] {1, NAN, INF}, KEY.of(3));
    assertThat(t.max().value()).isNaN();
    assertThat(t.min(KEY).value()).isNaN();
    assertThat(t.argmax(KEY).value()).isEqualTo(1);
    assertThat(t.top(3).labels()).containsExactly("1", "2", "0");
  }

  @Test
  void softmaxOfARowSumsToOneAndIsNanWhereAllIsMasked() {
    Tensor scores =
        Tensor.of(new float[] {1, 2, -INF, 1000, 0, 0, -INF, -INF, -INF}, QUERY.of(3), KEY.of(3));
    Tensor pattern = scores.softmax(KEY);
    assertThat(pattern.at(QUERY, 0).floats()).containsExactly(0.26894143f, 0.7310586f, 0);
    assertThat(pattern.at(QUERY, 1).floats()).containsExactly(1, 0, 0);
    assertThat(pattern.at(QUERY, 2).floats()).containsExactly(NAN, NAN, NAN);
    assertThat(scores.logSoftmax(KEY).get(1, 1)).isEqualTo(-1000);
    Tensor x = Samples.doubles(5, QUERY.of(4), KEY.of(6));
    assertThat(x.logSoftmax(KEY).exp().maxAbsDifference(x.softmax(KEY))).isLessThan(1e-15);
    assertThat(
            x.softmax(QUERY).sum(QUERY).minus(x.softmax(KEY).sum(KEY).mean()).abs().max().value())
        .isLessThan(1e-15);
  }

  @Test
  void theTopIsInFallingOrderAndTheFirstOfEqualsComesFirst() {
    Tensor t =
        Tensor.of(new float[] {2, 5, 2, 7}, BATCH.of(1), VOCAB.of(List.of(" a", " b", " c", " d")));
    assertThat(t.top(3).labels()).containsExactly(" d", " b", " a");
    assertThat(t.top(9).entries()).hasSize(4);
    assertThat(t.top(0).entries()).isEmpty();
    assertThat(t.top(2))
        .hasToString(
            """
               vocab  index  value
            1  ␣d         3      7
            2  ␣b         1      5\
            """);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> t.top(-1))
        .withMessage("the -1 largest elements were asked for");
  }

  @Test
  void theTopIsWhatSortingAllGives() {
    float[] numbers = {0f, -0f, 3, NAN, -INF, 3, 1, INF, NAN, 0.5f, -2, 3, INF, 1, -0f, 0f};
    Tensor t = Tensor.of(numbers, KEY.of(numbers.length));
    List<Integer> sorted = List.of(3, 8, 7, 12, 2, 5, 11, 6, 13, 9, 0, 1, 14, 15, 10, 4);
    for (int k = 0; k <= numbers.length; k++) {
      assertThat(t.top(k).entries()).extracting(Top.Entry::index).isEqualTo(sorted.subList(0, k));
    }
  }

  @Test
  void theTopOverSeveralAxesNamesThem() {
    Tensor scores = Samples.counting(LAYER.of(2), HEAD.of(3));
    assertThat(scores.top(2).labels()).containsExactly("layer 1, head 2", "layer 1, head 1");
    assertThat(scores.top(1).entries().getFirst().index()).isEqualTo(5);
  }

  @Test
  void aTensorRemembersWhereItCameFrom() {
    Tensor z =
        Samples.floats(1, HEAD.of(2), KEY.of(3)).withOrigin(Samples.named("blocks.0.hook_z"));
    assertThat(z.at(HEAD, -1).times(2).minus(z).sum(KEY).title())
        .isEqualTo(
            "blocks.0.hook_z.at(head, -1).times(2.0).minus(blocks.0.hook_z).sum(key)"
                + "  [head 2] f32");
    assertThat(z.exp().describe())
        .isEqualTo(
            """
            blocks.0.hook_z
              then        exp()
              gives       [head 2, key 3] f32\
            """);
    assertThat(Samples.floats(1, HEAD.of(2)).describe())
        .isEqualTo("tensor [head 2] f32\n  origin      not recorded");
    Tensor grown = z;
    for (int i = 0; i < 1000; i++) {
      grown = grown.plus(1);
    }
    assertThat(grown.title()).startsWith("....plus(1.0)").hasSizeLessThan(300);
  }
}
