package dev.vitrine.trace.acting;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.View;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Operation;
import dev.vitrine.trace.edit.Target;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what edits are aimed at in sequences that are edited together, and refuses what cannot be
 * meant: a site that does not exist, an index out of range, values that do not fit, an edit that
 * nothing would read.
 */
public final class Resolution {
  private final Config config;
  private final View view;
  private final List<Tokens> sequences;

  /** For sequences that are edited together. */
  public Resolution(Gpt2 model, List<Tokens> sequences) {
    this.config = model.config();
    this.view = model.view();
    this.sequences = sequences;
  }

  /**
   * The programs of the sequences: those that they had, for derived traces, and {@code edits}
   * behind them.
   */
  public List<Program> programs(List<Program> parents, List<Edit> edits) {
    List<List<Applied>> acting = new ArrayList<>();
    sequences.forEach(_ -> acting.add(new ArrayList<>()));
    int number = parents.getFirst().edits().size();
    for (Edit edit : edits) {
      for (Site site : edit.target().sites(config)) {
        if (site.hook() == Hook.LOSS_PER_TOKEN) {
          throw new IllegalArgumentException(
              "%s: nothing reads loss_per_token, so that an edit of it has no effect"
                  .formatted(edit.target()));
        }
        int @Nullable [] batch = edit.target().indices(Axis.BATCH, sequences.size());
        for (int s = 0; s < sequences.size(); s++) {
          int sequence = s;
          if (batch == null || IntStream.of(batch).anyMatch(b -> b == sequence)) {
            acting.get(s).add(resolve(edit, number, site, s));
          }
        }
      }
      number++;
    }
    List<Program> programs = new ArrayList<>();
    for (int s = 0; s < sequences.size(); s++) {
      Program program = parents.get(s).continued(edits, acting.get(s));
      new Liveness(program, config, sequences.get(s).size()).check(acting.get(s));
      programs.add(program);
    }
    return programs;
  }

  private Applied resolve(Edit edit, int number, Site site, int batch) {
    int size = sequences.get(batch).size();
    Target target = edit.target();
    Axis rowAxis = Region.rowAxis(site.hook());
    Axis innerAxis = site.hook().axes().getLast();
    int innerSize = innerAxis == Axis.KEY ? size : Region.innerSize(site.hook(), config);
    int @Nullable [] positions = target.indices(rowAxis, size);
    if (positions == null && needsPositions(edit.operation(), rowAxis)) {
      positions = IntStream.range(0, size).toArray();
    }
    Region region =
        new Region(
            site,
            config,
            positions,
            target.indices(Axis.HEAD, config.heads()),
            target.indices(innerAxis, innerSize));
    checkSeesKeys(edit, region, size);
    checkValues(edit, region, size);
    checkSources(edit, region, batch, size);
    Applied applied = new Applied(edit, number, batch, region);
    if (edit.operation() instanceof Operation.PatchMean mean) {
      settle(mean, applied, size);
    }
    return applied;
  }

  /** Whether values are given position by position, so that later ones have none. */
  private static boolean needsPositions(Operation operation, Axis rowAxis) {
    return switch (operation) {
      case Operation.Assign assign -> isLong(assign.values(), rowAxis);
      case Operation.Add add -> isLong(add.values(), rowAxis);
      default -> false;
    };
  }

  private static boolean isLong(Tensor values, Axis axis) {
    return values.has(axis) && values.size(axis) > 1;
  }

  private static void checkSeesKeys(Edit edit, Region region, int size) {
    if (!region.isAttention()) {
      return;
    }
    int[] positions = region.positions(0, size);
    int last = positions.length == 0 ? -1 : positions[positions.length - 1];
    if (region.inner(last + 1).length == 0) {
      throw new IllegalArgumentException(
          "%s names only keys that lie after the query: no query sees a later key, whatever is set"
              .formatted(edit.target()));
    }
  }

  private void checkValues(Edit edit, Region region, int size) {
    Tensor values =
        switch (edit.operation()) {
          case Operation.Assign assign -> assign.values();
          case Operation.Add add -> add.values();
          default -> null;
        };
    if (values == null) {
      return;
    }
    if (values.view().isPresent() && !values.view().get().equals(view)) {
      throw otherView(edit, "the values", values.view().get());
    }
    List<Axis> axes = region.axes();
    for (Axis axis : values.axes()) {
      int has =
          axis == Axis.BATCH
              ? sequences.size()
              : axis == Axis.HEAD && axes.contains(axis)
                  ? region.heads().length
                  : axis.equals(Region.rowAxis(region.site().hook()))
                      ? region.positions(0, size).length
                      : axis.equals(axes.getLast()) ? region.inner(size).length : 0;
      if (values.size(axis) != 1 && values.size(axis) != has) {
        throw new IllegalArgumentException(
            "%s: the values %s do not fit: the target has %s"
                .formatted(
                    edit.target(),
                    values.shapeText(),
                    has == 0 ? "no axis " + axis : axis + " " + has));
      }
    }
  }

  private void checkSources(Edit edit, Region region, int batch, int size) {
    List<Trace> sources =
        switch (edit.operation()) {
          case Operation.Patch patch -> patch.sources();
          case Operation.PatchMean mean -> mean.sources();
          default -> null;
        };
    if (sources == null) {
      return;
    }
    boolean pooled =
        edit.operation() instanceof Operation.PatchMean mean && mean.over().contains(Axis.BATCH);
    if (sources.isEmpty() || (!pooled && sources.size() > 1 && batch >= sources.size())) {
      throw new IllegalArgumentException(
          "%s: there are %d traces to take values from, and %d to change"
              .formatted(edit.target(), sources.size(), sequences.size()));
    }
    for (Trace source : pooled ? sources : List.of(Sources.of(sources, batch))) {
      if (!source.model().config().equals(config)) {
        throw new IllegalArgumentException(
            "%s: the trace to take values from is of another model".formatted(edit.target()));
      }
      if (!source.model().view().equals(view)) {
        throw otherView(edit, "the trace to take values from", source.model().view());
      }
      int[] positions = region.positions(0, Math.max(size, source.size()));
      boolean fits =
          region.isOpen()
              ? source.size() == size || edit.operation() instanceof Operation.PatchMean
              : positions.length == 0 || positions[positions.length - 1] < source.size();
      if (!fits) {
        throw new IllegalArgumentException(
            "%s: the prompts have %d and %d tokens: values are taken from the same positions, so"
                    .formatted(edit.target(), size, source.size())
                + " they need as many");
      }
    }
  }

  private IllegalArgumentException otherView(Edit edit, String what, View other) {
    return new IllegalArgumentException(
        "%s: views of the weights do not mix: the run's is %s, and that of %s is %s"
            .formatted(edit.target(), view, what, other));
  }

  /** Takes the means of other traces, which no run can change. */
  private void settle(Operation.PatchMean operation, Applied applied, int size) {
    Region region = applied.region();
    boolean pooled = operation.over().contains(Axis.BATCH);
    List<Means.Row> rows = new ArrayList<>();
    for (int s = 0; s < operation.sources().size(); s++) {
      Trace source = operation.sources().get(s);
      if (pooled || source.equals(Sources.of(operation.sources(), applied.batch()))) {
        for (int position : region.positions(0, source.size())) {
          int batch = pooled ? s : applied.batch();
          rows.add(
              new Means.Row(batch, region.indexOf(position), values(source, region, position)));
        }
      }
    }
    Means means = new Means(region, operation.over(), rows);
    Means.Row first = rows.getFirst();
    if (means.isOverPositions()) {
      applied.settleAlways(
          means.of(new Means.Row(applied.batch(), 0, new double[first.values().length])));
      return;
    }
    for (int position : region.positions(0, size)) {
      Means.Row row =
          new Means.Row(
              applied.batch(), region.indexOf(position), new double[first.values().length]);
      applied.settle(position, means.of(row));
    }
  }

  private static double[] values(Trace source, Region region, int position) {
    int[] inner = region.inner(region.innerSize(source.size()));
    double[] values = new double[region.heads().length * inner.length];
    int at = 0;
    for (int head : region.heads()) {
      double[] row = Sources.row(source, region, position, head);
      for (int i : inner) {
        values[at++] = row[i];
      }
    }
    return values;
  }
}
