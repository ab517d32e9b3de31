package dev.vitrine.weights.inspect;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Gpt2Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/**
 * Where two models differ.
 *
 * @param part the part of the model, such as {@code h.0.attn.qkv}, whatever the files call it
 * @param what one line: another shape, missing in one, or how many elements differ and by how much
 * @param greatest the greatest absolute difference; NaN if they cannot be compared
 */
public record Difference(String part, String what, double greatest) {

  /**
   * Compares weights part by part, whatever the files' formats, names and layouts; empty if they
   * are equal to the bit (a NaN equals a NaN, 0 equals -0).
   *
   * @throws dev.vitrine.weights.WeightsException if a file cannot be read
   */
  public static List<Difference> between(Gpt2Weights one, Gpt2Weights other) {
    List<Difference> differences = new ArrayList<>();
    SequencedMap<String, Source> left = ByPart.of(one);
    SequencedMap<String, Source> right = ByPart.of(other);
    left.forEach((name, source) -> {
      Source match = right.remove(name);
      if (match == null) {
        differences.add(new Difference(name, "is only in the first", Double.NaN));
      } else if (source.rows() != match.rows() || source.columns() != match.columns()) {
        String what =
            "has shape [%d, %d] in the first, [%d, %d] in the second"
                .formatted(source.rows(), source.columns(), match.rows(), match.columns());
        differences.add(new Difference(name, what, Double.NaN));
      } else {
        compare(name, source, match, differences);
      }
    });
    right.forEach((name, source) ->
        differences.add(new Difference(name, "is only in the second", Double.NaN)));
    return differences;
  }

  private static void compare(String name, Source one, Source other, List<Difference> differences) {
    double[] left = new double[one.columns()];
    double[] right = new double[one.columns()];
    long count = 0;
    double greatest = 0;
    for (int row = 0; row < one.rows(); row++) {
      one.read(row, 0, left.length, left, 0);
      other.read(row, 0, right.length, right, 0);
      for (int i = 0; i < left.length; i++) {
        boolean same = left[i] == right[i] || (Double.isNaN(left[i]) && Double.isNaN(right[i]));
        if (!same) {
          count++;
          double difference = Math.abs(left[i] - right[i]);
          greatest =
              Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(greatest, difference);
        }
      }
    }
    if (count > 0) {
      String what =
          "differs in %d of %d elements, by at most %.3g"
              .formatted(count, (long) one.rows() * one.columns(), greatest);
      differences.add(new Difference(name, what, greatest));
    }
  }
}
