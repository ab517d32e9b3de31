package dev.vitrine.trace.acting;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Span;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.edit.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The edits of one tensor of a pass, applied in place, in order. */
final class Editing {
  private final Gpt2 model;
  private final @Nullable Array rows;
  private final Map<Editor.Part, Array> attention = new LinkedHashMap<>();
  private final List<Editor.Job> jobs;
  private final boolean tallies;

  /** Of a tensor whose rows are the pass's. */
  Editing(Gpt2 model, Array rows, List<Editor.Job> jobs, boolean tallies) {
    this.model = model;
    this.rows = rows;
    this.jobs = jobs;
    this.tallies = tallies;
  }

  /** Of attention, which has a table for each sequence. */
  Editing(
      Gpt2 model,
      Hook hook,
      List<Span> spans,
      List<Editor.Part> parts,
      List<Editor.Job> jobs,
      boolean tallies) {
    this.model = model;
    this.rows = null;
    this.jobs = jobs;
    this.tallies = tallies;
    for (Editor.Job job : jobs) {
      Span span = spans.get(parts.indexOf(job.part()));
      Array table = hook == Hook.PATTERN ? span.pattern() : span.scores();
      attention.put(job.part(), Objects.requireNonNull(table));
    }
  }

  void run() {
    // Sequences of one group are edited together, one edit after another.
    Map<List<Integer>, List<Editor.Job>> steps =
        new TreeMap<>((a, b) ->
            a.get(0).equals(b.get(0))
                ? Integer.compare(a.get(1), b.get(1))
                : Integer.compare(a.get(0), b.get(0)));
    for (Editor.Job job : jobs) {
      List<Integer> step = List.of(job.part().group(), job.edit().number());
      steps.computeIfAbsent(step, _ -> new ArrayList<>()).add(job);
    }
    for (List<Editor.Job> step : steps.values()) {
      settle(step);
      step.forEach(this::apply);
    }
  }

  // ---- values that depend on the run

  private void settle(List<Editor.Job> step) {
    switch (step.getFirst().edit().edit().operation()) {
      case Operation.Mean mean -> settleMean(mean, step);
      case Operation.Compute compute -> step.forEach(job -> settleFunction(compute, job));
      default -> {}
    }
  }

  private void settleMean(Operation.Mean mean, List<Editor.Job> step) {
    List<Means.Row> found = new ArrayList<>();
    boolean open = false;
    for (Editor.Job job : step) {
      Applied edit = job.edit();
      for (int position : job.positions()) {
        open |= edit.isOpen(position);
        found.add(row(job, position));
      }
    }
    if (!open) {
      return;
    }
    Means means = new Means(step.getFirst().edit().region(), mean.over(), found);
    for (Editor.Job job : step) {
      for (int position : job.positions()) {
        if (job.edit().isOpen(position)) {
          double[] values = means.of(row(job, position));
          if (means.isOverPositions()) {
            job.edit().settleAlways(values);
          } else {
            job.edit().settle(position, values);
          }
        }
      }
    }
  }

  private Means.Row row(Editor.Job job, int position) {
    Applied edit = job.edit();
    return new Means.Row(edit.batch(), edit.region().indexOf(position), region(job, position));
  }

  /** Asks the function for the positions that it was not asked for yet. */
  private void settleFunction(Operation.Compute compute, Editor.Job job) {
    Applied edit = job.edit();
    Region region = edit.region();
    int[] open = IntStream.of(job.positions()).filter(edit::isOpen).toArray();
    if (open.length == 0) {
      return;
    }
    int width = region.inner(innerSize(job)).length;
    double[] values = new double[open.length * region.heads().length * width];
    for (int p = 0; p < open.length; p++) {
      double[] row = region(job, open[p]);
      System.arraycopy(row, 0, values, p * row.length, row.length);
    }
    Tensor result = compute.function().apply(tensor(job, open, width, values));
    Region asked = new Region(region.site(), model.config(), open, region.heads(), null);
    double[] said = Answer.aligned(result, asked, open, width, edit.edit().target());
    int length = region.heads().length * width;
    for (int p = 0; p < open.length; p++) {
      edit.settle(open[p], java.util.Arrays.copyOfRange(said, p * length, (p + 1) * length));
    }
  }

  /** The region as a tensor with the site's axes, rows first or, of attention, heads. */
  private Tensor tensor(Editor.Job job, int[] positions, int width, double[] values) {
    Region region = job.edit().region();
    Axis rowAxis = Region.rowAxis(region.site().hook());
    Axis innerAxis = region.axes().getLast();
    List<String> tokens = job.part().tokens().strings();
    int[] inner = region.inner(innerSize(job));
    List<Dimension> dimensions = new ArrayList<>();
    dimensions.add(rowAxis.of(IntStream.of(positions).mapToObj(tokens::get).toList()));
    dimensions.add(Axis.HEAD.of(IntStream.of(region.heads()).mapToObj(Integer::toString).toList()));
    dimensions.add(
        innerAxis == Axis.ONE
            ? innerAxis.of(1)
            : innerAxis.of(
                width,
                i -> innerAxis == Axis.KEY ? tokens.get(inner[i]) : Integer.toString(inner[i])));
    Tensor tensor =
        model.backend().isDouble()
            ? Tensor.of(values, dimensions.toArray(Dimension[]::new))
            : Tensor.of(floats(values), dimensions.toArray(Dimension[]::new));
    if (!region.axes().contains(Axis.HEAD)) {
      return tensor.at(Axis.HEAD, 0);
    }
    return tensor.permute(region.axes().toArray(Axis[]::new));
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** The elements of the region in one row, head by head. */
  private double[] region(Editor.Job job, int position) {
    Region region = job.edit().region();
    int size = innerSize(job);
    int[] inner = region.inner(size);
    double[] values = new double[region.heads().length * inner.length];
    double[] row = new double[size];
    int at = 0;
    for (int head : region.heads()) {
      read(job, position, head, row);
      for (int i : inner) {
        values[at++] = row[i];
      }
    }
    return values;
  }

  // ---- changing

  private void apply(Editor.Job job) {
    Region region = job.edit().region();
    int size = innerSize(job);
    double[] row = new double[size];
    for (int position : job.positions()) {
      int[] inner = region.inner(region.isAttention() ? position + 1 : size);
      long changed = 0;
      double squares = 0;
      double largest = 0;
      for (int h = 0; h < region.heads().length; h++) {
        read(job, position, region.heads()[h], row);
        double[] before = row.clone();
        job.edit().change(position, h, row, inner);
        write(job, position, region.heads()[h], row);
        if (tallies) {
          read(job, position, region.heads()[h], row); // as it was rounded
          for (int i : inner) {
            double difference = Double.compare(row[i], before[i]) == 0 ? 0 : row[i] - before[i];
            changed += difference != 0 ? 1 : 0;
            squares += difference * difference;
            largest = Math.max(largest, Math.abs(difference));
          }
        }
      }
      if (tallies) {
        long elements = (long) region.heads().length * inner.length;
        job.edit().tally(position, new Applied.Tally(elements, changed, squares, largest));
      }
    }
  }

  private int innerSize(Editor.Job job) {
    Array table = attention.get(job.part());
    return table != null ? table.columns() : job.edit().region().innerSize(0);
  }

  private void read(Editor.Job job, int position, int head, double[] row) {
    Backend backend = model.backend();
    backend.read(table(job), rowOf(job, position, head), column(row, head), row.length, row, 0);
  }

  private void write(Editor.Job job, int position, int head, double[] row) {
    Backend backend = model.backend();
    backend.write(table(job), rowOf(job, position, head), column(row, head), row.length, row, 0);
  }

  private Array table(Editor.Job job) {
    return rows != null ? rows : Objects.requireNonNull(attention.get(job.part()));
  }

  private int rowOf(Editor.Job job, int position, int head) {
    int row = position - job.part().first();
    return rows != null ? job.part().row() + row : head * job.part().count() + row;
  }

  private int column(double[] row, int head) {
    return rows != null ? head * row.length : 0;
  }
}
