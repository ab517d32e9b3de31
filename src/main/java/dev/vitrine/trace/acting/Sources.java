package dev.vitrine.trace.acting;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Trace;
import java.util.List;

/** Reads the traces that an edit takes its values from. */
final class Sources {
  private Sources() {}

  /** The source of the sequence at a place of the batch; a single one serves all. */
  static Trace of(List<Trace> sources, int batch) {
    return sources.get(sources.size() == 1 ? 0 : batch);
  }

  /** All elements of the innermost axis at one position and head of the region's site. */
  static double[] row(Trace source, Region region, int position, int head) {
    Tensor tensor = source.tensor(region.site());
    Tensor row = tensor.at(Region.rowAxis(region.site().hook()), position);
    return (row.has(Axis.HEAD) ? row.at(Axis.HEAD, head) : row).doubles();
  }
}
