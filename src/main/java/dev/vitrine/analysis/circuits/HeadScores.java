package dev.vitrine.analysis.circuits;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.QUERY;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * How much each head is of a kind, {@code [layer, head]}: where it looks against where a head of
 * the kind would look (TransformerLens's {@code detect_head}).
 *
 * @param measure how the two are compared
 * @param excludeBos whether what is looked at in the first position is left out, where many heads
 *     rest
 * @param excludeCurrentToken whether looking at oneself is left out
 */
public record HeadScores(Measure measure, boolean excludeBos, boolean excludeCurrentToken) {

  /** How a head's attention is compared with a kind's table. */
  public enum Measure {
    /** The share of the attention that lies where the kind looks: {@code Σ p · t / Σ p}. */
    MUL,
    /** {@code 1 - Σ |p - t| / positions}: 1 for a head that looks there and nowhere else. */
    ABS
  }

  /** The share of all attention. */
  public static final HeadScores MUL = new HeadScores(Measure.MUL, false, false);

  /** Scores every head on one prompt. */
  public Tensor of(Trace trace, HeadDetector detector) {
    Tensor table = detector.pattern(trace.tokens());
    return each(trace, pattern -> score(pattern, table))
        .withOrigin(
            new Computed(
                detector.name(),
                measure == Measure.MUL ? "Σ p · t / Σ p" : "1 - Σ |p - t| / positions",
                "p: hook_pattern, t: the detector's table"));
  }

  /** The mean score over several prompts. */
  public Tensor of(List<Trace> traces, HeadDetector detector) {
    return mean(traces, trace -> of(trace, detector));
  }

  /**
   * The mean attention along a diagonal, {@code [layer, head]}: from each position to the one
   * {@code offset} before it. With random tokens of period n twice, 1 finds previous token heads, n
   * duplicate token heads, and n - 1 induction heads.
   *
   * @throws IllegalArgumentException if the prompt is not longer than the offset
   */
  public static Tensor stripe(Trace trace, int offset) {
    int size = trace.size();
    if (offset < 0 || offset >= size) {
      throw new IllegalArgumentException(
          "a prompt of %d tokens has no stripe %d back".formatted(size, offset));
    }
    return each(
            trace,
            pattern -> {
              double sum = 0;
              for (int q = offset; q < size; q++) {
                sum += pattern.get(q, q - offset);
              }
              return sum / (size - offset);
            })
        .withOrigin(
            new Computed(
                "attention " + offset + " back", "mean over q of hook_pattern[q, q - offset]"));
  }

  /** The mean over several prompts of a score of each head. */
  static Tensor mean(List<Trace> traces, Function<Trace, Tensor> scores) {
    Tensor first = scores.apply(traces.getFirst());
    Tensor sum = first;
    for (Trace trace : traces.subList(1, traces.size())) {
      sum = sum.plus(scores.apply(trace));
    }
    Tensor mean = sum.times(1.0 / traces.size());
    return first.origin().map(mean::withOrigin).orElse(mean);
  }

  private static Tensor each(Trace trace, ToDoubleFunction<Tensor> score) {
    Gpt2 model = trace.model();
    int heads = model.config().heads();
    double[] scores = new double[model.config().layers() * heads];
    for (int layer = 0; layer < model.config().layers(); layer++) {
      Tensor patterns = trace.tensor(Site.pattern(layer));
      for (int head = 0; head < heads; head++) {
        Tensor pattern = patterns.at(HEAD, head).permute(QUERY, KEY);
        scores[layer * heads + head] = score.applyAsDouble(pattern);
      }
    }
    return Circuits.perHead(scores, model);
  }

  private double score(Tensor pattern, Tensor table) {
    int size = pattern.size(QUERY);
    double[] attention = pattern.doubles();
    double[] expected = table.doubles();
    double all = 0;
    double there = 0;
    double apart = 0;
    for (int q = 0; q < size; q++) {
      for (int k = 0; k <= q; k++) {
        if ((excludeBos && k == 0) || (excludeCurrentToken && k == q)) {
          continue;
        }
        double p = attention[q * size + k];
        double t = expected[q * size + k];
        all += p;
        there += p * t;
        apart += Math.abs(p - t);
      }
    }
    return measure == Measure.MUL ? there / all : 1 - apart / size;
  }
}
