package dev.vitrine.trace.acting;

import dev.vitrine.tensor.Axis;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The mean of a region over some of its axes, of one or many sequences. Numbers are added in double
 * precision, sequences in order, then positions, heads and elements.
 */
final class Means {

  /** One row of a region: its place among the sequences and the positions, and its numbers. */
  @SuppressWarnings("ArrayRecordComponent") // rows are never compared
  record Row(int batch, int index, double[] values) {}

  private final Region region;
  private final Set<Axis> over;
  private final Map<List<Integer>, double[]> sums = new HashMap<>();

  Means(Region region, Set<Axis> over, List<Row> rows) {
    this.region = region;
    this.over = over;
    for (Row row : rows) {
      int width = row.values.length / region.heads().length;
      for (int i = 0; i < row.values.length; i++) {
        double[] sum = sums.computeIfAbsent(key(row, i, width), _ -> new double[2]);
        sum[0] += row.values[i];
        sum[1]++;
      }
    }
  }

  private List<Integer> key(Row row, int element, int width) {
    return List.of(
        over.contains(Axis.BATCH) ? -1 : row.batch,
        isOverPositions() ? -1 : row.index,
        over.contains(Axis.HEAD) ? -1 : element / width,
        over.contains(region.axes().getLast()) ? -1 : element % width);
  }

  /** Whether all positions have the same mean. */
  boolean isOverPositions() {
    return over.contains(Region.rowAxis(region.site().hook()));
  }

  /** The means in the place of a row. */
  double[] of(Row row) {
    double[] means = new double[row.values.length];
    int width = means.length / region.heads().length;
    for (int i = 0; i < means.length; i++) {
      double[] sum = sums.get(key(row, i, width));
      means[i] = sum == null ? Double.NaN : sum[0] / sum[1];
    }
    return means;
  }
}
