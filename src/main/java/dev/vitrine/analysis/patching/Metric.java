package dev.vitrine.analysis.patching;

import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Variants;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One number for what a batch came to. Of several prompts it is the mean.
 *
 * <p>Most are functions of the logits behind the last tokens, which a sweep gets for all variants
 * at once and for less than whole traces cost. Any function of an edited batch will do as well.
 */
public final class Metric {
  private final String name;
  private final @Nullable ToDoubleFunction<Tensor> ofLogits;
  private final @Nullable ToDoubleFunction<Batch> ofBatch;
  private final int @Nullable [] tokens;

  /**
   * @param tokens those whose logits are asked for, on the vocabulary's axis; all where null
   */
  private Metric(
      String name,
      @Nullable ToDoubleFunction<Tensor> ofLogits,
      @Nullable ToDoubleFunction<Batch> ofBatch,
      int @Nullable [] tokens) {
    this.tokens = tokens;
    this.name = name;
    this.ofLogits = ofLogits;
    this.ofBatch = ofBatch;
  }

  // ---- the metrics there are

  /** Any function of an edited batch. */
  public static Metric of(String name, ToDoubleFunction<Batch> function) {
    return new Metric(name, null, function, null);
  }

  /**
   * Any function of the logits behind the last tokens.
   *
   * @param function of {@code [batch, vocab]}
   */
  public static Metric ofLogits(String name, ToDoubleFunction<Tensor> function) {
    return new Metric(name, function, null, null);
  }

  /** {@code logit[right] - logit[wrong]} behind the last token. */
  public static Metric logitDifference(int right, int wrong) {
    return logitDifference(List.of(new int[] {right, wrong}));
  }

  /**
   * The mean over the prompts of {@code logit[right] - logit[wrong]} behind the last token.
   *
   * @param answers for each prompt its right and its wrong answer, or one pair for all
   * @throws IllegalArgumentException if one is no pair
   */
  public static Metric logitDifference(List<int[]> answers) {
    if (answers.isEmpty() || answers.stream().anyMatch(pair -> pair.length != 2)) {
      throw new IllegalArgumentException(
          "a logit difference needs a right and a wrong answer for each prompt, or one pair for"
              + " all");
    }
    int[] tokens = answers.stream().flatMapToInt(Arrays::stream).toArray();
    return new Metric(
        "logit difference",
        logits ->
            mean(
                logits,
                (row, b) -> {
                  int pair = 2 * Answers.place(answers.size(), b);
                  return row.get(pair) - row.get(pair + 1);
                }),
        null,
        tokens);
  }

  /** The logit behind the last token; an answer for each prompt, or one for all. */
  public static Metric logit(int... answers) {
    return new Metric(
        "logit",
        logits -> mean(logits, (row, b) -> row.get(Answers.place(answers.length, b))),
        null,
        answers.clone());
  }

  /** The probability behind the last token; an answer for each prompt, or one for all. */
  public static Metric probability(int... answers) {
    return ofLogits(
        "probability",
        logits -> mean(logits, (row, b) -> Math.exp(logProbability(row, Answers.of(answers, b)))));
  }

  /** The natural logarithm of the probability; an answer for each prompt, or one for all. */
  public static Metric logProbability(int... answers) {
    return ofLogits(
        "log probability",
        logits -> mean(logits, (row, b) -> logProbability(row, Answers.of(answers, b))));
  }

  /**
   * How far the prediction behind the last token is from another: {@code Σ p log(p / q)} in nats, p
   * the prediction of {@code reference} for the same prompt and q the one that is measured.
   */
  public static Metric kl(Batch reference) {
    List<double[]> expected =
        reference.traces().stream().map(trace -> logProbabilities(trace.logits(-1))).toList();
    return ofLogits(
        "KL divergence",
        logits ->
            mean(
                logits,
                (row, b) -> {
                  double[] p = expected.get(b);
                  double[] q = logProbabilities(row);
                  return IntStream.range(0, p.length)
                      .mapToDouble(i ->
                          p[i] == Double.NEGATIVE_INFINITY ? 0 : Math.exp(p[i]) * (p[i] - q[i]))
                      .sum();
                }));
  }

  /** The mean loss over all positions of all prompts that have a next token, in nats. */
  public static Metric loss() {
    return of("loss", Batch::loss);
  }

  // ---- on another scale

  /** {@code (x - zero) / (one - zero)}. */
  public Metric normalized(double zero, double one) {
    if (zero == one || !Double.isFinite(one - zero)) {
      throw new IllegalArgumentException(
          "the %s is %s at both ends: there is nothing to normalise by, measure it as it is"
              .formatted(name, zero));
    }
    return scaled(name + ", 0 as it runs and 1 as patched from", x -> (x - zero) / (one - zero));
  }

  /**
   * 0 where it is as in one batch, 1 where it is as in another.
   *
   * @throws IllegalArgumentException if it is the same in both
   */
  public Metric normalized(Batch zero, Batch one) {
    return normalized(of(zero), of(one));
  }

  /** {@code x - x of base}. */
  public Metric change(Batch base) {
    double zero = of(base);
    return scaled("change of " + name, x -> x - zero);
  }

  private Metric scaled(String scaledName, DoubleUnaryOperator scale) {
    ToDoubleFunction<Tensor> logits = ofLogits;
    ToDoubleFunction<Batch> batch = ofBatch;
    return new Metric(
        scaledName,
        logits == null ? null : x -> scale.applyAsDouble(logits.applyAsDouble(x)),
        batch == null ? null : x -> scale.applyAsDouble(batch.applyAsDouble(x)),
        tokens);
  }

  // ---- measuring

  /** What it is called. */
  public String name() {
    return name;
  }

  /** What it is for a batch. */
  public double of(Batch batch) {
    return of(new Variants(batch, List.of(List.of())))[0];
  }

  /** What it is for each of some variants, which are run together. */
  public double[] of(Variants variants) {
    ToDoubleFunction<Tensor> logits = ofLogits;
    if (logits != null) {
      int[] few = tokens;
      List<Tensor> read = few == null ? variants.lastLogits() : variants.lastLogits(few);
      return read.stream().mapToDouble(logits).toArray();
    }
    ToDoubleFunction<Batch> batch = ofBatch;
    return batch == null ? new double[0] : variants.derive().stream().mapToDouble(batch).toArray();
  }

  @Override
  public String toString() {
    return name;
  }

  /** A number for the logits of one prompt. */
  private interface OfPrompt {
    double of(Tensor row, int prompt);
  }

  private static double mean(Tensor logits, OfPrompt each) {
    double sum = 0;
    for (int b = 0; b < logits.size(BATCH); b++) {
      sum += each.of(logits.at(BATCH, b), b);
    }
    return sum / logits.size(BATCH);
  }

  private static double logProbability(Tensor row, int token) {
    return row.get(token) - logSum(row.doubles());
  }

  private static double[] logProbabilities(Tensor row) {
    double[] logits = row.permute(VOCAB).doubles();
    double sum = logSum(logits);
    return Arrays.stream(logits).map(x -> x - sum).toArray();
  }

  private static double logSum(double[] logits) {
    double largest = Arrays.stream(logits).max().orElse(0);
    return largest + Math.log(Arrays.stream(logits).map(x -> Math.exp(x - largest)).sum());
  }

  /** One answer for each prompt, or one for all. */
  private static final class Answers {
    private Answers() {}

    static int of(int[] answers, int prompt) {
      return answers[place(answers.length, prompt)];
    }

    static int place(int count, int prompt) {
      if (count != 1 && prompt >= count) {
        throw new IllegalArgumentException(
            "there are answers for %d prompts, and more prompts: give one each, or one for all"
                .formatted(count));
      }
      return count == 1 ? 0 : prompt;
    }
  }
}
