package dev.vitrine.weights.inspect;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import java.util.List;

/**
 * What can be said of a tensor's elements in one pass.
 *
 * @param least the least finite element; NaN if there is none
 * @param most the greatest finite element; NaN if there is none
 * @param mean of the finite elements; NaN if there is none
 * @param norm the square root of the sum of the squares of the finite elements
 * @param nans the number of elements that are no number
 * @param infinities the number of elements that are infinite
 */
public record Statistics(
    String name,
    Dtype dtype,
    List<Long> shape,
    double least,
    double most,
    double mean,
    double norm,
    long nans,
    long infinities) {

  private static final int CHUNK = 1 << 16;

  /**
   * Reads the tensor once, in parts.
   *
   * @throws dev.vitrine.weights.WeightsException if the file cannot be read
   */
  public static Statistics of(StoredTensor tensor) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double sum = 0;
    double squares = 0;
    long nans = 0;
    long infinities = 0;
    double[] chunk = new double[(int) Math.min(CHUNK, tensor.size())];
    for (long from = 0; from < tensor.size(); from += chunk.length) {
      int count = (int) Math.min(chunk.length, tensor.size() - from);
      tensor.read(from, count, chunk, 0);
      for (int i = 0; i < count; i++) {
        double value = chunk[i];
        if (Double.isNaN(value)) {
          nans++;
        } else if (Double.isInfinite(value)) {
          infinities++;
        } else {
          least = Math.min(least, value);
          most = Math.max(most, value);
          sum += value;
          squares += value * value;
        }
      }
    }
    long finite = tensor.size() - nans - infinities;
    return new Statistics(
        tensor.name(),
        tensor.dtype(),
        tensor.shape(),
        finite == 0 ? Double.NaN : least,
        finite == 0 ? Double.NaN : most,
        finite == 0 ? Double.NaN : sum / finite,
        Math.sqrt(squares),
        nans,
        infinities);
  }

  /** The number of elements. */
  public long size() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }
}
