package dev.vitrine.weights.inspect;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * Where two models differ.
 *
 * @param part the part of the model, such as {@code h.0.attn.qkv}, whatever the files call it, or
 *     of the configuration, such as {@code config.heads}
 * @param what one line: another shape, missing in one, or how many elements differ and by how much
 * @param elements how many elements were compared; 0 if they cannot be
 * @param differing how many of them differ
 * @param greatest the greatest absolute difference; NaN if they cannot be compared
 * @param relative the same, relative to the greatest element of the second; NaN likewise
 */
public record Difference(
    String part, String what, long elements, long differing, double greatest, double relative) {

  /**
   * Compares two models part by part, whatever their files' formats, names and layouts; empty if
   * they compute the same and are equal to the bit (a NaN equals a NaN, 0 equals -0).
   *
   * @throws dev.vitrine.weights.WeightsException if a file cannot be read
   */
  public static List<Difference> between(Gpt2Weights one, Gpt2Weights other, Progress progress) {
    List<Difference> differences = new ArrayList<>();
    compare(one.config(), other.config(), differences);
    SequencedMap<String, Supplier<Source>> left = ByPart.of(one);
    SequencedMap<String, Supplier<Source>> right = ByPart.of(other);
    int done = 0;
    for (String name : left.keySet()) {
      Supplier<Source> there = right.remove(name);
      progress.at(name, ++done, left.size());
      if (there == null) {
        differences.add(incomparable(name, "is only in the first"));
        continue;
      }
      Source source = left.get(name).get();
      Source match = there.get();
      if (source.rows() != match.rows() || source.columns() != match.columns()) {
        String what =
            "has shape [%d, %d] in the first, [%d, %d] in the second"
                .formatted(source.rows(), source.columns(), match.rows(), match.columns());
        differences.add(incomparable(name, what));
      } else {
        compare(name, source, match, differences);
      }
    }
    right.keySet().forEach(name -> differences.add(incomparable(name, "is only in the second")));
    return differences;
  }

  private static long size(Source source) {
    return (long) source.rows() * source.columns();
  }

  private static Difference incomparable(String part, String what) {
    return new Difference(part, what, 0, 0, Double.NaN, Double.NaN);
  }

  /** What decides the arithmetic and cannot be seen by a shape. */
  private static void compare(Config one, Config other, List<Difference> differences) {
    setting("heads", one.heads(), other.heads(), differences);
    setting("activation", one.activation(), other.activation(), differences);
    setting("layer_norm", one.layerNorm(), other.layerNorm(), differences);
    setting("epsilon", one.layerNormEpsilon(), other.layerNormEpsilon(), differences);
    setting("scale_attention", one.scaleAttention(), other.scaleAttention(), differences);
    setting("attention_scale", one.attentionScale(), other.attentionScale(), differences);
    setting("inverse_layer", one.scaleByInverseLayer(), other.scaleByInverseLayer(), differences);
  }

  private static void setting(String name, Object one, Object other, List<Difference> differences) {
    if (!Objects.equals(one, other)) {
      String what = "is %s in the first, %s in the second".formatted(one, other);
      differences.add(incomparable("config." + name, what));
    }
  }

  private static void compare(String name, Source one, Source other, List<Difference> differences) {
    double[] left = new double[one.columns()];
    double[] right = new double[one.columns()];
    long count = 0;
    double greatest = 0;
    double scale = 0;
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
        scale = Double.isFinite(right[i]) ? Math.max(scale, Math.abs(right[i])) : scale;
      }
    }
    if (count > 0) {
      long elements = size(one);
      String what =
          "differs in %d of %d elements, by at most %.3g".formatted(count, elements, greatest);
      differences.add(new Difference(name, what, elements, count, greatest, greatest / scale));
    }
  }
}
