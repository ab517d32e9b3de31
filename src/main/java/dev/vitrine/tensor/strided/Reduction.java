package dev.vitrine.tensor.strided;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * Functions of all elements along some axes. Each takes them as a lane: a copy in double, in
 * row-major order of the tensor, so that precision and order of addition are those of plain code.
 */
public final class Reduction {
  private Reduction() {}

  /**
   * One number for each index of the axes that remain.
   *
   * @param over the axes that vanish; if none are named, all
   */
  public static Strided reduce(
      Strided a, boolean toDouble, ToDoubleFunction<double[]> f, Axis... over) {
    List<Dimension> lane = lane(a.layout(), over);
    List<Dimension> kept = new ArrayList<>(a.dimensions());
    kept.removeAll(lane);
    Layout result = Layout.rowMajor(kept);
    Elements out = Elements.allocate(toDouble, result.elements());
    double[] buffer = new double[(int) Layout.rowMajor(lane).elements()];
    Walk.elements(
        result.sizes(),
        new int[][] {Arithmetic.stridesFor(kept, a.layout()), result.strides()},
        new int[] {a.layout().offset(), 0},
        at -> {
          gather(a, lane, at[0], buffer);
          out.set(at[1], f.applyAsDouble(buffer));
        });
    return new Strided(out, result);
  }

  /** Changes each lane along an axis in place. */
  public static Strided along(Strided a, Axis axis, Consumer<double[]> f) {
    List<Dimension> lane = lane(a.layout(), axis);
    List<Dimension> kept = new ArrayList<>(a.dimensions());
    kept.removeAll(lane);
    Layout result = Layout.rowMajor(a.dimensions());
    Elements out = Elements.allocate(a.isDouble(), result.elements());
    double[] buffer = new double[lane.getFirst().size()];
    int step = result.stride(result.require(axis));
    Walk.elements(
        Layout.rowMajor(kept).sizes(),
        new int[][] {Arithmetic.stridesFor(kept, a.layout()), Arithmetic.stridesFor(kept, result)},
        new int[] {a.layout().offset(), 0},
        at -> {
          gather(a, lane, at[0], buffer);
          f.accept(buffer);
          for (int i = 0; i < buffer.length; i++) {
            out.set(at[1] + i * step, buffer[i]);
          }
        });
    return new Strided(out, result);
  }

  private static List<Dimension> lane(Layout layout, Axis... over) {
    if (over.length == 0) {
      return layout.dimensions();
    }
    boolean[] chosen = new boolean[layout.rank()];
    for (Axis axis : over) {
      chosen[layout.require(axis)] = true;
    }
    List<Dimension> lane = new ArrayList<>();
    for (int i = 0; i < chosen.length; i++) {
      if (chosen[i]) {
        lane.add(layout.dimensions().get(i));
      }
    }
    return lane;
  }

  private static void gather(Strided a, List<Dimension> lane, int start, double[] into) {
    int[] strides = Arithmetic.stridesFor(lane, a.layout());
    int[] sizes = lane.stream().mapToInt(Dimension::size).toArray();
    int step = Walk.innermost(strides);
    int[] filled = {0};
    Walk.rows(
        sizes,
        new int[][] {strides},
        new int[] {start},
        (at, length) -> {
          for (int i = 0; i < length; i++) {
            into[filled[0]++] = a.elements().get(at[0] + i * step);
          }
        });
  }

  /** Σ x. */
  public static double sum(double[] lane) {
    double sum = 0;
    for (double x : lane) {
      sum += x;
    }
    return sum;
  }

  /** Σ x / n. */
  public static double mean(double[] lane) {
    return sum(lane) / lane.length;
  }

  /** √ Σ x². */
  public static double norm(double[] lane) {
    double sum = 0;
    for (double x : lane) {
      sum += x * x;
    }
    return Math.sqrt(sum);
  }

  /** The largest; −inf of nothing. */
  public static double max(double[] lane) {
    double max = Double.NEGATIVE_INFINITY;
    for (double x : lane) {
      max = Math.max(max, x);
    }
    return max;
  }

  /** The smallest; +inf of nothing. */
  public static double min(double[] lane) {
    double min = Double.POSITIVE_INFINITY;
    for (double x : lane) {
      min = Math.min(min, x);
    }
    return min;
  }

  /** The index of the first largest, NaN being the largest; -1 of nothing. */
  public static double argmax(double[] lane) {
    int best = -1;
    for (int i = 0; i < lane.length; i++) {
      if (best < 0
          || lane[i] > lane[best]
          || (Double.isNaN(lane[i]) && !Double.isNaN(lane[best]))) {
        best = i;
      }
    }
    return best;
  }

  /** exp(x − max) / Σ exp(x − max). */
  public static void softmax(double[] lane) {
    double max = max(lane);
    Arrays.setAll(lane, i -> StrictMath.exp(lane[i] - max));
    double sum = sum(lane);
    Arrays.setAll(lane, i -> lane[i] / sum);
  }

  /** x − max − log Σ exp(x − max). */
  public static void logSoftmax(double[] lane) {
    double max = max(lane);
    double sum = 0;
    for (double x : lane) {
      sum += StrictMath.exp(x - max);
    }
    double log = StrictMath.log(sum);
    Arrays.setAll(lane, i -> lane[i] - max - log);
  }
}
