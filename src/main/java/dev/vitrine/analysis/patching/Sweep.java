package dev.vitrine.analysis.patching;

import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Origin;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Variants;
import dev.vitrine.trace.edit.Edit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * A family of edits, one for each element of a tensor, and one number for what each comes to.
 *
 * <p>The variants run as batches whose rows join where their edits begin: at their layer and
 * position. How many run together changes no bit.
 *
 * @param base what every variant derives from
 * @param axes of the family, and so of the result
 * @param family the edits at each place
 */
public record Sweep(Batch base, List<Dimension> axes, Family family) {

  /** Rows that run together: enough to fill the machine, few enough to fit into little memory. */
  private static final int ROWS = 1024;

  /** Sequences that run together: each has logits over the vocabulary. */
  private static final int SEQUENCES = 256;

  /** The edits of each variant. */
  @FunctionalInterface
  public interface Family {
    /**
     * The edits of one variant; none if they would change nothing.
     *
     * @param index its place, an index for each axis
     */
    List<Edit> edits(int... index);
  }

  /** Is told how far a sweep has come. */
  @FunctionalInterface
  public interface Progress {
    /** Nobody watches. */
    Progress NONE = (done, all) -> {};

    /** So many variants of all are done. */
    void done(long done, long all);
  }

  /** Keeps the axes as they are. */
  public Sweep {
    axes = List.copyOf(axes);
  }

  /** The number of variants. */
  public int size() {
    long size = 1;
    for (Dimension axis : axes) {
      size *= axis.size();
    }
    return Math.toIntExact(size);
  }

  /** The metric of every variant; see {@link #run(Metric, Origin, Progress)}. */
  public Tensor run(Metric metric) {
    return run(metric, new Swept("sweep", metric, base), Progress.NONE);
  }

  /**
   * The metric of every variant, along the family's axes, in double precision.
   *
   * @param origin what the result says of itself
   * @throws IllegalArgumentException if an edit cannot be meant; says why
   * @throws CancellationException if the thread is interrupted
   */
  public Tensor run(Metric metric, Origin origin, Progress progress) {
    double[] values = new double[size()];
    int together = together(base);
    int from = 0;
    while (from < values.length) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException(
            "the sweep was interrupted after %d of %d".formatted(from, values.length));
      }
      // What changes nothing is the base itself and costs nothing; it fills no place in a chunk.
      List<List<Edit>> edits = new ArrayList<>();
      int running = 0;
      while (running < together && from + edits.size() < values.length) {
        List<Edit> next = family.edits(index(from + edits.size()));
        running += next.isEmpty() ? 0 : 1;
        edits.add(next);
      }
      measure(metric, edits, values, from);
      from += edits.size();
      progress.done(from, values.length);
    }
    return Tensor.of(values, axes.toArray(Dimension[]::new)).withOrigin(origin);
  }

  private void measure(Metric metric, List<List<Edit>> edits, double[] values, int at) {
    List<List<Edit>> distinct = new ArrayList<>();
    int[] place = new int[edits.size()];
    int unchanged = -1;
    for (int i = 0; i < place.length; i++) {
      boolean changes = !edits.get(i).isEmpty();
      if (changes || unchanged < 0) {
        unchanged = changes ? unchanged : distinct.size();
        place[i] = distinct.size();
        distinct.add(edits.get(i));
      } else {
        place[i] = unchanged;
      }
    }
    double[] measured = metric.of(new Variants(base, distinct));
    for (int i = 0; i < place.length; i++) {
      values[at + i] = measured[place[i]];
    }
  }

  /** How many variants of a batch are run together, so that they take little memory. */
  public static int together(Batch base) {
    int rows = base.traces().stream().mapToInt(trace -> trace.size()).sum();
    return Math.max(1, Math.min(ROWS / rows, SEQUENCES / base.size()));
  }

  private int[] index(int place) {
    int[] index = new int[axes.size()];
    int rest = place;
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = rest % axes.get(axis).size();
      rest /= axes.get(axis).size();
    }
    return index;
  }
}
