package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Span;
import java.util.List;

/** What attention remembers of the sequences that the rows of a pass belong to. */
public interface Memory {

  /**
   * Where each sequence's keys and values lie, those of the rows of this pass among them.
   *
   * @param k the keys of the rows, {@code [rows, heads · d_head]}
   * @param v the values of the rows, {@code [rows, heads · d_head]}
   * @param scores whether somebody looks at the scores
   * @param pattern whether somebody looks at the pattern
   */
  List<Span> spans(int layer, Array k, Array v, boolean scores, boolean pattern);
}
