package dev.vitrine.tensor;

import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.ONE;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Axes are found by name, indices count from both ends, and nothing is copied. */
class IndexingTest {
  private final Tensor scores = Samples.counting(BATCH.of(1), HEAD.of(6), QUERY.of(14), KEY.of(14));
  private final Tensor tokens = Samples.counting(POSITION.of(List.of(" a", " b", " a")));

  @Test
  void theOrderOfIndexingDoesNotMatter() {
    double value = scores.get(0, 3, 5, 13);
    assertThat(scores.at(HEAD, 3).at(QUERY, 5).at(KEY, -1).at(BATCH, 0).value()).isEqualTo(value);
    assertThat(scores.at(KEY, 13).at(BATCH, 0).at(QUERY, 5).at(HEAD, -3).value()).isEqualTo(value);
    assertThat(scores.permute(KEY, HEAD, BATCH, QUERY).get(13, 3, 0, 5)).isEqualTo(value);
  }

  @Test
  void viewsShareTheArray() {
    float[] data = new float[12];
    Tensor whole = Tensor.of(data, HEAD.of(3), KEY.of(4));
    Tensor view = whole.at(HEAD, 2, 0).range(KEY, 1, -1).rename(KEY, QUERY).permute(QUERY, HEAD);
    // Only a test may write to the array: it shows that no copy lies between.
    data[2 * 4 + 2] = 7;
    assertThat(view.at(QUERY, 1).at(HEAD, 0).value()).isEqualTo(7);
  }

  @Test
  void unevenIndicesAreChosenInTheirOrder() {
    Tensor chosen = Samples.counting(HEAD.of(5), KEY.of(2)).at(HEAD, 4, 0, -2, 0);
    assertThat(chosen.floats()).containsExactly(8, 9, 0, 1, 6, 7, 0, 1);
    assertThat(chosen.labels(HEAD)).containsExactly("4", "0", "3", "0");
  }

  @Test
  void labelsFollowTheirIndices() {
    assertThat(scores.range(HEAD, 2, 5).at(HEAD, 2, 0).labels(HEAD)).containsExactly("4", "2");
    assertThat(tokens.range(POSITION, 1, 3).at(POSITION, " a").value()).isEqualTo(2);
    assertThat(tokens.rename(POSITION, KEY).labels(KEY)).containsExactly(" a", " b", " a");
    assertThat(tokens.withLabels(POSITION, List.of("x", "y", "z")).at(POSITION, "y").value())
        .isEqualTo(1);
  }

  @Test
  void labelsAreMadeWhenAskedFor() {
    Tensor logits =
        Tensor.of(
            new float[3],
            VOCAB.of(
                3,
                id -> {
                  assertThat(id).isEqualTo(1);
                  return " only";
                }));
    assertThat(logits.plus(1).range(VOCAB, 0, 2).labels(VOCAB).get(1)).isEqualTo(" only");
  }

  @Test
  void aPartOfAnArrayIsATensor() {
    float[] rows = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    Tensor part = Tensor.strided(rows, 1, new int[] {4, 2}, POSITION.of(2), HEAD.of(2));
    assertThat(part.floats()).containsExactly(1, 3, 5, 7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.strided(rows, 5, new int[] {4, 2}, POSITION.of(2), HEAD.of(2)))
        .withMessage("[position 2, head 2] reaches from 5 to 11 in an array of 10");
  }

  @Test
  void whatIsNotThereIsSaidWithTheShape() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scores.at(POSITION, 0))
        .withMessage(
            "no axis 'position' in [batch 1, head 6, query 14, key 14]: its positions are 'query'"
                + " (who looks) and 'key' (who is looked at)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scores.sum(VOCAB))
        .withMessage("no axis 'vocab' in [batch 1, head 6, query 14, key 14]");
    assertThatThrownBy(() -> scores.at(HEAD, -7))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage(
            "no index -7 on axis head of [batch 1, head 6, query 14, key 14]: it has -6 to 5");
    assertThatThrownBy(() -> tokens.range(POSITION, 2, 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("no range 2 to 4 on axis position of [position 3]");
    assertThatThrownBy(() -> tokens.range(POSITION, 1, 1).at(POSITION, 0))
        .hasMessage("no index 0 on axis position of [position 0]: it is empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scores.rename(QUERY, KEY))
        .withMessage("axis key occurs twice in [batch 1, head 6, key 14, key 14]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens.permute(POSITION, POSITION))
        .withMessage("(position, position) does not name each axis of [position 3] once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens.withLabels(POSITION, List.of("x")))
        .withMessage("1 labels for axis position of [position 3]");
  }

  @Test
  void aLabelMustBeThereOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens.at(POSITION, " a"))
        .withMessage(
            "label ' a' on axis position of [position 3] is at the indices 0, 2: choose one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens.at(POSITION, "b"))
        .withMessage("no label 'b' on axis position of [position 3]; the nearest: ' b'");
  }

  @Test
  void numbersAreTakenFromWhatHasThem() {
    assertThatIllegalArgumentException()
        .isThrownBy(tokens::value)
        .withMessage("a single number was asked of [position 3]: say which with at(axis, index)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens.get(1, 2))
        .withMessage("2 indices for [position 3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.of(new float[5], HEAD.of(2), KEY.of(3)))
        .withMessage("[head 2, key 3] has 6 elements, and the array has 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ONE.of(2))
        .withMessage("axis one has the size 1, not 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HEAD.of(-1))
        .withMessage("axis head has a negative size: -1");
  }

  @Test
  void axesAreKnownByTheirNamesAndShortNames() {
    assertThat(Axis.named("pos")).isEqualTo(POSITION);
    assertThat(Axis.named("q")).isEqualTo(QUERY);
    assertThat(Axis.named(" K ")).isEqualTo(KEY);
    for (Axis axis : Axis.values()) {
      assertThat(Axis.named(axis.toString())).isEqualTo(axis);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axis.named("d_modle"))
        .withMessage("no axis is named 'd_modle': did you mean 'd_model'?");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axis.named("xyzzyxyzzy"))
        .withMessageStartingWith("no axis is named 'xyzzyxyzzy': the axes are batch, position,");
  }
}
