package dev.vitrine.trace.acting;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Operation;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An edit at one site of one sequence: its target resolved to indices, and what it has done.
 *
 * <p>A value that depends on the run, a mean or a function's, is worked out when a position is
 * first reached, and kept: looking at the trace later finds the same.
 */
public final class Applied {

  /** What an edit did at one position. */
  record Tally(long elements, long changed, double squares, double largest) {}

  private final Edit edit;
  private final int number;
  private final int batch;
  private final Region region;
  private final Map<Integer, double[]> settled;
  private double @Nullable [] always;
  private final Map<Integer, Tally> tallies;

  /**
   * @param number the edit's place among the edits of its trace
   * @param batch the sequence's place among those edited together
   */
  Applied(Edit edit, int number, int batch, Region region) {
    this(edit, number, batch, region, new HashMap<>(), null, new HashMap<>());
  }

  private Applied(
      Edit edit,
      int number,
      int batch,
      Region region,
      Map<Integer, double[]> settled,
      double @Nullable [] always,
      Map<Integer, Tally> tallies) {
    this.edit = edit;
    this.number = number;
    this.batch = batch;
    this.region = region;
    this.settled = settled;
    this.always = always;
    this.tallies = tallies;
  }

  /** The same for a trace that derives from this one's, which must not see what that one adds. */
  Applied continued() {
    return new Applied(
        edit, number, batch, region, new HashMap<>(settled), always, new HashMap<>(tallies));
  }

  /** What was written. */
  public Edit edit() {
    return edit;
  }

  /** Its place among the edits of the trace. */
  public int number() {
    return number;
  }

  int batch() {
    return batch;
  }

  /** Where it acts. */
  public Region region() {
    return region;
  }

  // ---- values that depend on the run

  /** Whether the value at a position is still to be worked out. */
  boolean isOpen(int position) {
    boolean depends =
        edit.operation() instanceof Operation.Mean || edit.operation() instanceof Operation.Compute;
    return depends && always == null && !settled.containsKey(position);
  }

  /** Keeps the values of a position: for each head of the region, its elements. */
  void settle(int position, double[] values) {
    settled.put(position, values);
  }

  /** Keeps the values of all positions, those to come among them. */
  void settleAlways(double[] values) {
    always = values;
  }

  // ---- changing

  /**
   * Changes a row.
   *
   * @param position the row's position
   * @param headIndex the place of the row's head among the region's
   * @param row all elements of the innermost axis
   * @param inner those that the region names
   */
  void change(int position, int headIndex, double[] row, int[] inner) {
    switch (edit.operation()) {
      case Operation.Fill fill -> {
        for (int i : inner) {
          row[i] = fill.value();
        }
      }
      case Operation.Scale scale -> {
        for (int i : inner) {
          row[i] *= scale.factor();
        }
      }
      case Operation.Assign assign -> {
        double[] values = aligned(assign.values(), position, headIndex);
        for (int i = 0; i < inner.length; i++) {
          row[inner[i]] = values[values.length == 1 ? 0 : i];
        }
      }
      case Operation.Add add -> {
        double[] values = aligned(add.values(), position, headIndex);
        for (int i = 0; i < inner.length; i++) {
          row[inner[i]] += add.scale() * values[values.length == 1 ? 0 : i];
        }
      }
      case Operation.Patch patch -> patch(patch, position, headIndex, row, inner);
      case Operation.Mean _, Operation.Compute _, Operation.PatchMean _ ->
          settled(position, headIndex, row, inner);
    }
  }

  private void settled(int position, int headIndex, double[] row, int[] inner) {
    double[] values = settled.get(position);
    values = values == null ? always : values;
    if (values == null) {
      return; // a position that came later, which has no value
    }
    int width = values.length / region.heads().length;
    for (int i = 0; i < Math.min(inner.length, width); i++) {
      row[inner[i]] = values[headIndex * width + i];
    }
  }

  private void patch(
      Operation.Patch patch, int position, int headIndex, double[] row, int[] inner) {
    Trace source = Sources.of(patch.sources(), batch);
    if (position >= source.size()) {
      return; // a position that came later, which the source does not have
    }
    double[] values = Sources.row(source, region, position, region.heads()[headIndex]);
    for (int i : inner) {
      if (i < values.length) {
        row[i] = values[i];
      }
    }
  }

  /** The values of a tensor for one row: as many as the region has elements there, or one. */
  private double[] aligned(Tensor values, int position, int headIndex) {
    Tensor row = values;
    for (Axis axis : values.axes()) {
      boolean single = values.size(axis) == 1;
      if (axis == Axis.BATCH) {
        row = row.at(axis, single ? 0 : batch);
      } else if (axis == Axis.HEAD) {
        row = row.at(axis, single ? 0 : headIndex);
      } else if (axis == Region.rowAxis(region.site().hook())) {
        row = row.at(axis, single ? 0 : region.indexOf(position));
      }
    }
    return row.doubles();
  }

  // ---- what it did

  void tally(int position, Tally tally) {
    tallies.put(position, tally);
  }

  Map<Integer, Tally> tallies() {
    return tallies;
  }
}
