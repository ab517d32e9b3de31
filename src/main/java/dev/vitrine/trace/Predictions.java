package dev.vitrine.trace;

import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.Top;

/**
 * What a model expects as the next token.
 *
 * @param logits {@code [vocab]}
 */
public record Predictions(Tensor logits) {

  /** The probability of every token, {@code [vocab]}: the softmax of the logits. */
  public Tensor probabilities() {
    return logits.softmax(VOCAB);
  }

  /** The k most probable tokens, with their probabilities. */
  public Top top(int k) {
    return probabilities().top(k);
  }

  /** The id of the most probable token, the first of {@link #top}; its string is not made. */
  public int first() {
    double[] all = logits.doubles();
    int first = 0;
    for (int id = 1; id < all.length; id++) {
      boolean greater = all[id] != all[first] && Double.compare(all[id], all[first]) > 0;
      first = greater ? id : first;
    }
    return first;
  }

  /**
   * The place of a token by its logit: 1 is the first; of equal ones the lower id comes first.
   *
   * @throws IndexOutOfBoundsException if there is no such token
   */
  public int rank(int token) {
    double own = logits.get(token);
    double[] all = logits.doubles();
    int before = 0;
    for (int other = 0; other < all.length; other++) {
      before += all[other] > own || (all[other] == own && other < token) ? 1 : 0;
    }
    return before + 1;
  }

  @Override
  public String toString() {
    return top(5).toString();
  }
}
