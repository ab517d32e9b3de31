package dev.vitrine.trace.kept;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import java.util.function.IntFunction;

/**
 * The first rows of a growing array that several traces share.
 *
 * <p>A trace that extends another writes behind its rows, where the other never looks, and copies
 * nothing. Only when two traces extend the same one, a fork, does the second get an array of its
 * own. What lies on a shelf never changes.
 */
public final class Shelf {
  private final Growing growing;
  private final int rows;

  private Shelf(Growing growing, int rows) {
    this.growing = growing;
    this.rows = rows;
  }

  /**
   * A shelf with nothing on it.
   *
   * @param maker makes an array of that many rows
   */
  static Shelf empty(Backend backend, IntFunction<Array> maker) {
    return new Shelf(new Growing(backend, maker), 0);
  }

  int rows() {
    return rows;
  }

  /** An array whose first {@link #rows} rows are the shelf's; what lies behind them is others'. */
  public Array array() {
    return growing.array;
  }

  /** The same shelf, seen up to fewer rows. */
  public Shelf first(int count) {
    return new Shelf(growing, count);
  }

  /** This shelf and {@code count} rows of {@code from} behind it. */
  public Shelf plus(Array from, int fromRow, int count) {
    Growing target = growing.append(rows, from, fromRow, count);
    return new Shelf(target, rows + count);
  }

  private static final class Growing {
    private final Backend backend;
    private final IntFunction<Array> maker;
    private volatile Array array;
    private int capacity;
    private int used;

    Growing(Backend backend, IntFunction<Array> maker) {
      this.backend = backend;
      this.maker = maker;
      this.array = maker.apply(0);
    }

    synchronized Growing append(int seen, Array from, int fromRow, int count) {
      if (seen != used) {
        Growing fork = new Growing(backend, maker);
        fork.reserve(seen + count);
        backend.copy(array, 0, fork.array, 0, seen);
        fork.used = seen;
        return fork.append(seen, from, fromRow, count);
      }
      if (used + count > capacity) {
        // The first rows come all at once, as a prompt; only what grows further gets spare room.
        int wanted = used == 0 ? count : Math.max(used + count, 2 * used);
        Array before = array;
        Array larger = maker.apply(wanted);
        backend.copy(before, 0, larger, 0, used);
        array = larger;
        capacity = wanted;
      }
      backend.copy(from, fromRow, array, used, count);
      used += count;
      return this;
    }

    private void reserve(int rows) {
      array = maker.apply(rows);
      capacity = rows;
    }
  }
}
