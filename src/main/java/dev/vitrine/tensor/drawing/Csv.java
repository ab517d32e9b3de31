package dev.vitrine.tensor.drawing;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import java.util.List;

/**
 * A tensor as comma-separated values (RFC 4180): a line for each element, with its index on each
 * axis, its label where the axis has some of its own, and its value in full precision.
 */
public final class Csv {
  private Csv() {}

  /** The whole file. */
  public static String of(Tensor tensor) {
    List<Dimension> axes = tensor.dimensions();
    StringBuilder csv = new StringBuilder();
    for (Dimension axis : axes) {
      csv.append(axis.axis()).append(',');
      if (hasOwnLabels(axis)) {
        csv.append(axis.axis()).append("_label,");
      }
    }
    csv.append("value\n");
    double[] values = tensor.doubles();
    int[] index = new int[axes.size()];
    for (double value : values) {
      for (int i = 0; i < index.length; i++) {
        csv.append(index[i]).append(',');
        if (hasOwnLabels(axes.get(i))) {
          csv.append(quoted(axes.get(i).label(index[i]))).append(',');
        }
      }
      csv.append(Numbers.exact(value, tensor.isDouble())).append('\n');
      next(index, axes);
    }
    return csv.toString();
  }

  private static void next(int[] index, List<Dimension> axes) {
    for (int i = index.length - 1; i >= 0; i--) {
      if (++index[i] < axes.get(i).size()) {
        return;
      }
      index[i] = 0;
    }
  }

  private static boolean hasOwnLabels(Dimension axis) {
    for (int i = 0; i < axis.size(); i++) {
      if (!axis.label(i).equals(Integer.toString(i))) {
        return true;
      }
    }
    return false;
  }

  /** A field, in quotes where a comma, a quote or a line end stands in it. */
  public static String quoted(String field) {
    boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? field : "\"" + field.replace("\"", "\"\"") + "\"";
  }
}
