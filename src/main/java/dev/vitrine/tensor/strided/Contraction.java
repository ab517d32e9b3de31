package dev.vitrine.tensor.strided;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Products summed over axes that both operands have: inner and matrix products. */
public final class Contraction {
  private Contraction() {}

  /** Σ a·b over some axes, added in double in row-major order of those axes as named. */
  public static Strided dot(Strided a, Strided b, Axis... over) {
    Layout x = a.layout();
    Layout y = b.layout();
    List<Dimension> summed = new ArrayList<>();
    for (Axis axis : over) {
      summed.add(x.dimensions().get(x.require(axis)));
      y.require(axis);
    }
    Layout.refuseTwice(summed);
    List<Dimension> kept = new ArrayList<>(Arithmetic.align(x, y));
    kept.removeIf(d -> contains(summed, d.axis()));
    // The axes that only b has are innermost, so that one element of a meets a row of b at a time.
    List<Dimension> outer = new ArrayList<>(kept);
    outer.removeIf(d -> x.find(d.axis()) < 0);
    List<Dimension> inner = new ArrayList<>(kept);
    inner.removeIf(d -> x.find(d.axis()) >= 0);
    List<Dimension> ordered = new ArrayList<>(outer);
    ordered.addAll(inner);
    Layout result = Layout.rowMajor(ordered);
    Elements out = Elements.allocate(a.isDouble() || b.isDouble(), result.elements());
    double[] sums = new double[(int) Layout.rowMajor(inner).elements()];
    int[] outerOut = Arithmetic.stridesFor(outer, result);
    Walk.elements(
        Layout.rowMajor(outer).sizes(),
        new int[][] {Arithmetic.stridesFor(outer, x), Arithmetic.stridesFor(outer, y), outerOut},
        new int[] {x.offset(), y.offset(), 0},
        at -> {
          Arrays.fill(sums, 0);
          accumulate(a, b, summed, inner, at, sums);
          for (int i = 0; i < sums.length; i++) {
            out.set(at[2] + i, sums[i]);
          }
        });
    return new Strided(out, result);
  }

  private static void accumulate(
      Strided a,
      Strided b,
      List<Dimension> summed,
      List<Dimension> inner,
      int[] start,
      double[] sums) {
    int[] sizes = inner.stream().mapToInt(Dimension::size).toArray();
    int[][] steps = {Arithmetic.stridesFor(inner, b.layout())};
    int step = Walk.innermost(steps[0]);
    Elements y = b.elements();
    Walk.elements(
        summed.stream().mapToInt(Dimension::size).toArray(),
        new int[][] {
          Arithmetic.stridesFor(summed, a.layout()), Arithmetic.stridesFor(summed, b.layout())
        },
        new int[] {start[0], start[1]},
        at -> {
          double factor = a.elements().get(at[0]);
          int[] place = {0};
          Walk.rows(
              sizes,
              steps,
              new int[] {at[1]},
              (row, length) -> {
                int from = row[0];
                int to = place[0];
                for (int i = 0; i < length; i++) {
                  sums[to + i] += factor * y.get(from + i * step);
                }
                place[0] = to + length;
              });
        });
  }

  private static boolean contains(List<Dimension> dimensions, Axis axis) {
    return dimensions.stream().anyMatch(d -> d.axis() == axis);
  }
}
