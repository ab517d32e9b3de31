package dev.vitrine.analysis;

import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Trace;

/**
 * What a model loses by holding its weights with less precision, on one text.
 *
 * @param tokens how many tokens the text has
 * @param perplexity the whole model's: {@code exp} of the mean loss in nats
 * @param reduced the reduced model's
 * @param logits the greatest difference of a logit, in parts of the greatest logit
 */
public record PrecisionLoss(int tokens, double perplexity, double reduced, double logits) {

  /**
   * Runs both models over {@code text}.
   *
   * @throws IllegalArgumentException if it has fewer than two tokens
   */
  public static PrecisionLoss of(Gpt2 whole, Gpt2 reduced, Tokens text) {
    if (text.size() < 2) {
      throw new IllegalArgumentException("a text of two tokens or more is needed");
    }
    Trace one = whole.trace(text);
    Trace other = reduced.trace(text);
    double[] a = one.logits().doubles();
    double[] b = other.logits().doubles();
    double difference = 0;
    double greatest = 0;
    for (int i = 0; i < a.length; i++) {
      difference = Math.max(difference, Math.abs(a[i] - b[i]));
      greatest = Math.max(greatest, Math.abs(a[i]));
    }
    return new PrecisionLoss(
        text.size(), Math.exp(one.loss()), Math.exp(other.loss()), difference / greatest);
  }

  @Override
  public String toString() {
    return "perplexity %.4g where f32 has %.4g, logits differ by at most %.2g of the greatest (%d tokens)"
        .formatted(reduced, perplexity, logits, tokens);
  }
}
