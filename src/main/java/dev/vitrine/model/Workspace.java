package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import java.util.ArrayList;
import java.util.List;

/**
 * The intermediate results of one pass: a block writes where the block before it wrote, so that
 * they stay in the cache, and nothing is cleared that is written anyway. Not for several threads.
 */
public final class Workspace {
  private final Backend backend;
  private final List<Array> free = new ArrayList<>();
  private final List<Taken> taken = new ArrayList<>();

  /** An array as it was asked for, and the one that it is the beginning of. */
  private record Taken(Array rows, Array whole) {

    @SuppressWarnings("ReferenceEquality") // the very array, not an equal one
    boolean is(Array array) {
      return rows == array;
    }
  }

  /** An empty one. */
  public Workspace(Backend backend) {
    this.backend = backend;
  }

  /** An array {@code [rows, columns]} of any contents. */
  public Array rows(int rows, int columns) {
    for (int i = 0; i < free.size(); i++) {
      Array whole = free.get(i);
      if (whole.columns() == columns && whole.rows() >= rows) {
        free.remove(i);
        Array some = whole.rows() == rows ? whole : whole.rows(0, rows);
        taken.add(new Taken(some, whole));
        return some;
      }
    }
    Array whole = backend.rows(rows, columns);
    taken.add(new Taken(whole, whole));
    return whole;
  }

  /** Of all arrays only {@code kept} will be read again, until the next call. */
  public void reuseAllBut(Array kept) {
    Taken rest = null;
    for (Taken each : taken) {
      if (each.is(kept)) {
        rest = each;
      } else {
        free.add(each.whole);
      }
    }
    taken.clear();
    if (rest != null) {
      taken.add(rest);
    }
  }

  /** Somebody holds on to the arrays: they are not used again. */
  public void leaveAll() {
    taken.clear();
  }
}
