package dev.vitrine.tensor.drawing;

import dev.vitrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What can be said of many numbers in one line. Extremes, mean and spread are of finite ones. */
public final class Statistics {
  private long count;
  private long nan;
  private long plusInfinite;
  private long minusInfinite;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private double mean;
  private double squares;
  private boolean whole = true;

  private Statistics() {}

  /** The statistics of all elements. */
  public static Statistics of(Tensor tensor) {
    Statistics statistics = new Statistics();
    tensor.forEach(statistics::add);
    return statistics;
  }

  /** Welford's recurrence: one pass, and no sum of squares to cancel. */
  private void add(double x) {
    count++;
    if (Double.isNaN(x)) {
      nan++;
    } else if (x == Double.POSITIVE_INFINITY) {
      plusInfinite++;
    } else if (x == Double.NEGATIVE_INFINITY) {
      minusInfinite++;
    } else {
      min = Math.min(min, x);
      max = Math.max(max, x);
      double step = x - mean;
      mean += step / finite();
      squares += step * (x - mean);
      whole &= x == Math.rint(x);
    }
  }

  /** The number of finite elements. */
  public long finite() {
    return count - nan - plusInfinite - minusInfinite;
  }

  /** The smallest finite element; +inf if there is none. */
  public double min() {
    return min;
  }

  /** The largest finite element; -inf if there is none. */
  public double max() {
    return max;
  }

  /** The largest magnitude of a finite element; 0 if there is none. */
  public double magnitude() {
    return finite() == 0 ? 0 : Math.max(Math.abs(min), Math.abs(max));
  }

  /** Whether a finite element is below zero. */
  public boolean isSigned() {
    return min < 0;
  }

  /** Whether there are finite elements, and all of them are whole numbers. */
  public boolean isWhole() {
    return whole && finite() > 0;
  }

  /** The format that suits these numbers. */
  public Numbers numbers() {
    return Numbers.forMagnitude(magnitude(), whole);
  }

  /** Count, extremes, mean, standard deviation, and what is not finite. */
  public List<String> parts() {
    Numbers numbers = Numbers.forMagnitude(magnitude(), false);
    List<String> parts = new ArrayList<>();
    parts.add(String.format(Locale.ROOT, "%,d element%s", count, count == 1 ? "" : "s"));
    if (finite() > 0) {
      parts.add("min " + numbers.text(min));
      parts.add("mean " + numbers.text(mean));
      parts.add("max " + numbers.text(max));
      parts.add("std " + numbers.text(Math.sqrt(squares / finite())));
    }
    parts.addAll(notFinite());
    return parts;
  }

  /** How many elements are NaN or infinite, such as {@code 3 NaN}; empty if none. */
  public List<String> notFinite() {
    List<String> parts = new ArrayList<>();
    addCount(parts, nan, "NaN");
    addCount(parts, plusInfinite, "+inf");
    addCount(parts, minusInfinite, "-inf");
    return parts;
  }

  private static void addCount(List<String> parts, long number, String name) {
    if (number > 0) {
      parts.add(String.format(Locale.ROOT, "%,d %s", number, name));
    }
  }

  /** How many finite elements lie in each of some equal bins from the smallest to the largest. */
  public long[] histogram(Tensor tensor, int bins) {
    long[] counts = new long[bins];
    double width = (max - min) / bins;
    tensor.forEach(x -> {
      if (Double.isFinite(x)) {
        int bin = width > 0 && Double.isFinite(width) ? (int) ((x - min) / width) : 0;
        counts[Math.clamp(bin, 0, bins - 1)]++;
      }
    });
    return counts;
  }
}
