package dev.vitrine.analysis;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.QUERY;

import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where one head looks from one position, and which known kind of head it resembles in this trace.
 *
 * @param layer the block
 * @param head the head in it
 * @param weights how much it attends to each position, the position itself the last
 * @param scores how much it resembles each kind
 */
public record HeadAttention(int layer, int head, List<Double> weights, Scores scores) {

  /**
   * The mean attention that a head pays to the place that names its kind, over all positions that
   * have such a place; NaN where none has.
   *
   * @param previous to the token before
   * @param duplicate to earlier occurrences of the same token
   * @param induction to the tokens that followed earlier occurrences (Olsson et al. 2022)
   */
  public record Scores(double previous, double duplicate, double induction) {}

  /** A position that is looked at. */
  public record Source(int position, String token, double weight) {}

  /** Keeps the weights as they are. */
  public HeadAttention {
    weights = List.copyOf(weights);
  }

  /** The positions that it looks at most, in falling order; of equal ones the earlier first. */
  public List<Source> top(Trace trace, int k) {
    return IntStream.range(0, weights.size())
        .boxed()
        .sorted(Comparator.comparing((Integer i) -> weights.get(i), Comparator.reverseOrder()))
        .limit(k)
        .map(i -> new Source(i, trace.tokens().string(i), weights.get(i)))
        .toList();
  }

  /**
   * Every head, layer by layer, as it looks from one position.
   *
   * @param position a negative one counts from the end
   */
  public static List<HeadAttention> all(Trace trace, int position) {
    int at = Positions.resolve(trace, position);
    List<HeadAttention> heads = new ArrayList<>();
    for (int layer = 0; layer < trace.model().config().layers(); layer++) {
      Tensor patterns = trace.tensor(Site.pattern(layer));
      for (int head = 0; head < trace.model().config().heads(); head++) {
        Tensor pattern = patterns.at(HEAD, head);
        double[] row = pattern.at(QUERY, at).doubles();
        List<Double> weights = IntStream.rangeClosed(0, at).mapToObj(k -> row[k]).toList();
        heads.add(new HeadAttention(layer, head, weights, scores(trace, pattern)));
      }
    }
    return heads;
  }

  private static Scores scores(Trace trace, Tensor pattern) {
    int[] ids = trace.tokens().ids();
    double[] weights = pattern.doubles();
    Mean previous = new Mean();
    Mean duplicate = new Mean();
    Mean induction = new Mean();
    for (int q = 1; q < ids.length; q++) {
      int row = q * ids.length;
      previous.add(weights[row + q - 1]);
      double same = 0;
      double after = 0;
      boolean seen = false;
      for (int k = 0; k < q; k++) {
        if (ids[k] == ids[q]) {
          seen = true;
          same += weights[row + k];
          after += weights[row + k + 1];
        }
      }
      if (seen) {
        duplicate.add(same);
        induction.add(after);
      }
    }
    return new Scores(previous.value(), duplicate.value(), induction.value());
  }

  private static final class Mean {
    private double sum;
    private int count;

    void add(double value) {
      sum += value;
      count++;
    }

    double value() {
      return count == 0 ? Double.NaN : sum / count;
    }
  }
}
