package dev.vitrine.generate;

import java.util.List;

/**
 * A step between a model's logits and the draw: it changes a row of logits in place, given the ids
 * so far (the prompt's too). A token that may not be drawn gets -∞.
 *
 * <p>Each step does what Hugging Face's of the same name does, in double precision. The
 * exponentials are {@link StrictMath}'s, so that the same logits give the same numbers on any
 * machine.
 */
@FunctionalInterface
public interface Warper {

  /** Changes the logits of the next token in place. */
  void warp(double[] logits, int[] ids);

  /** Divides by the temperature: below 1 sharpens, above 1 flattens. */
  static Warper temperature(double temperature) {
    Require.temperature(temperature);
    return (logits, ids) -> {
      for (int i = 0; i < logits.length; i++) {
        logits[i] /= temperature;
      }
    };
  }

  /** Keeps the k largest, and all that equal the k-th. */
  static Warper topK(int k) {
    Require.that(k > 0, "top-k must be at least 1, not %s", k);
    return (logits, ids) -> Truncation.topK(logits, k);
  }

  /**
   * Keeps the nucleus: the tail, from the least likely on, is cut while its probability is at most
   * 1 - p. Of equals the lower ids stay. One token always stays.
   */
  static Warper topP(double p) {
    Require.share("top-p", p);
    return (logits, ids) -> Truncation.topP(logits, p);
  }

  /** Keeps what is at least p times as likely as the likeliest. */
  static Warper minP(double p) {
    Require.that(p >= 0 && p <= 1, "min-p must be from 0 to 1, not %s", p);
    return (logits, ids) -> Truncation.minP(logits, p);
  }

  /**
   * Keeps the tokens whose surprise is nearest to the entropy, until their probability reaches the
   * mass (Meister et al. 2022).
   */
  static Warper typical(double mass) {
    Require.share("typical", mass);
    return (logits, ids) -> Truncation.typical(logits, mass);
  }

  /** Keeps what is at least this likely, and the likeliest. */
  static Warper epsilon(double epsilon) {
    Require.fraction("epsilon", epsilon);
    return (logits, ids) -> Truncation.epsilon(logits, epsilon);
  }

  /**
   * Keeps what is at least min(ε, √ε · exp(-entropy)) likely, and the likeliest (Hewitt et al.
   * 2022).
   */
  static Warper eta(double epsilon) {
    Require.fraction("eta", epsilon);
    return (logits, ids) -> Truncation.eta(logits, epsilon);
  }

  /** Makes each token that came already less likely: a positive logit is divided, another times. */
  static Warper repetitionPenalty(double penalty) {
    Require.that(
        penalty > 0 && penalty < Double.POSITIVE_INFINITY,
        "repetition penalty must be above 0 (1 is none), not %s",
        penalty);
    return (logits, ids) -> Penalty.repetition(logits, ids, penalty);
  }

  /** Takes the penalty from a token's logit once for each time that it came already. */
  static Warper frequencyPenalty(double penalty) {
    Require.that(
        Double.isFinite(penalty), "frequency penalty must be a finite number, not %s", penalty);
    return (logits, ids) -> Penalty.frequency(logits, ids, penalty);
  }

  /** Bars each token that would complete a run of n ids which came already. */
  static Warper noRepeatNgram(int n) {
    Require.that(n > 0, "no-repeat n-gram must be at least 1, not %s", n);
    return (logits, ids) -> Penalty.noRepeatNgram(logits, ids, n);
  }

  /** The steps, one after the other. */
  static Warper all(List<Warper> steps) {
    List<Warper> fixed = List.copyOf(steps);
    return (logits, ids) -> {
      for (Warper step : fixed) {
        step.warp(logits, ids);
      }
    };
  }
}
