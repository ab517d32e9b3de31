package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Span;
import java.util.List;

/** What attention remembers of the sequences that the rows of a pass belong to. */
public interface Memory {

  /**
   * Where each sequence's keys and values lie, those of the rows of this pass among them, and where
   * to write its scores and its pattern if somebody looks at them or changes them.
   *
   * @param k the keys of the rows, {@code [rows, heads · d_head]}
   * @param v the values of the rows, {@code [rows, heads · d_head]}
   */
  List<Span> spans(int layer, Array k, Array v);

  /**
   * Of rows whose keys and values are kept, those that go on: all, unless somebody asked for less
   * than a trace.
   */
  default Array goingOn(int layer, Array rows) {
    return rows;
  }
}
