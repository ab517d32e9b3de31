package dev.vitrine.analysis.tasks;

import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random tokens twice over: the second time nothing but the first occurrence predicts them, so a
 * model that does well there has induction heads (Olsson et al. 2022).
 *
 * @param period how many tokens until they repeat
 * @param traces one for each random sequence, of twice the period
 */
public record RepeatedTokens(int period, List<Trace> traces) {

  /** Keeps the traces as they are. */
  public RepeatedTokens {
    traces = List.copyOf(traces);
  }

  /**
   * Runs a model over random sequences.
   *
   * @param count how many sequences
   * @param seed of {@link Random}, from which the tokens are drawn
   * @throws IllegalArgumentException if twice the period is longer than the context
   */
  public static RepeatedTokens of(Gpt2 model, int period, int count, long seed) {
    int context = model.config().context();
    if (period < 1 || 2 * period > context || count < 1) {
      throw new IllegalArgumentException(
          "%d tokens twice, %d times: the period must be 1 to %d, half the context, and the count 1"
                  .formatted(period, count, context / 2)
              + " or more");
    }
    Random random = new Random(seed);
    List<Tokens> sequences = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] ids = new int[2 * period];
      for (int p = 0; p < period; p++) {
        ids[p] = random.nextInt(model.config().vocab());
        ids[period + p] = ids[p];
      }
      sequences.add(model.tokens(ids));
    }
    Batch batch = model.traces(sequences);
    return new RepeatedTokens(period, batch.traces());
  }

  /**
   * The mean loss on the second occurrence, in nats: of tokens from the second of it on, as its
   * first cannot be known (TransformerLens's {@code induction_loss}).
   *
   * @throws IllegalStateException if the period is 1, which leaves no such token
   */
  public double secondLoss() {
    if (period < 2) {
      throw new IllegalStateException("a loss on repeated tokens needs a period of 2 or more");
    }
    return loss(period, 2 * period - 1);
  }

  /** The mean loss on the first occurrence, which is what chance leaves; NaN if the period is 1. */
  public double firstLoss() {
    return loss(0, period - 1);
  }

  /** Over the positions {@code from} to {@code to - 1}, each of the token after it. */
  private double loss(int from, int to) {
    double sum = 0;
    for (Trace trace : traces) {
      double[] losses = trace.tensor(Site.lossPerToken()).doubles();
      for (int p = from; p < to; p++) {
        sum += losses[p];
      }
    }
    return sum / ((double) (to - from) * traces.size());
  }
}
