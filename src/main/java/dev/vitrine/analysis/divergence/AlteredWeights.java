package dev.vitrine.analysis.divergence;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;

import dev.vitrine.analysis.formula.Formulas;
import dev.vitrine.model.Parameter;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Site;
import java.util.List;
import java.util.StringJoiner;

/**
 * Whether weights are others: one element of a table, a matrix, a gain or a bias; or a transpose.
 */
final class AlteredWeights {
  private final Trial trial;

  AlteredWeights(Trial trial) {
    this.trial = trial;
  }

  /** Whether a single element of a table is another. */
  void single(Parameter table) {
    Tensor off = trial.off();
    Tensor columns = off.max(POSITION);
    if (columns.sum().value() != 1) {
      return;
    }
    int[] place = Trial.place(off);
    int position = place[off.axes().indexOf(POSITION)];
    int row = table == Parameter.W_E ? trial.truth.tokens().id(position) : position;
    int column = place[off.axes().indexOf(D_MODEL)];
    Tensor own = trial.weight(table);
    double delta = trial.error().permute(POSITION, D_MODEL).get(position, column);
    altered(table, own, new int[] {row, column}, delta);
  }

  /** A matrix of all heads, if it is square, with its rows taken for its columns. */
  void transposedHeads(Parameter matrix) {
    int d = trial.config.dModel();
    if (trial.config.heads() * trial.config.dHead() != d) {
      return;
    }
    Axis[] order =
        matrix == Parameter.W_O
            ? new Axis[] {HEAD, D_HEAD, D_MODEL}
            : new Axis[] {D_MODEL, HEAD, D_HEAD};
    Tensor own = trial.weight(matrix).permute(order);
    Tensor other =
        Tensor.of(transposed(own.doubles(), d), own.dimensions().toArray(Dimension[]::new));
    trial.suspect(matrix.stackedName() + " is transposed", trial.usual.withWeight(matrix, other));
  }

  private static double[] transposed(double[] square, int size) {
    double[] turned = new double[square.length];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        turned[j * size + i] = square[i * size + j];
      }
    }
    return turned;
  }

  void bias(Parameter bias) {
    Tensor own = trial.weight(bias);
    trial.suspect(
        bias.stackedName() + " is not added", trial.usual.withWeight(bias, own.map(x -> 0)));
    Tensor off = trial.off().max(POSITION);
    if (off.sum().value() == 1) {
      int[] place = Trial.place(off);
      Tensor error = trial.error().mean(POSITION);
      double delta = error.permute(off.axes().toArray(Axis[]::new)).get(place);
      altered(bias, own, place, delta);
    }
  }

  /** Whether one weight is off by so much. */
  private void altered(Parameter parameter, Tensor own, int[] place, double delta) {
    double[] elements = own.doubles();
    int[] shape = own.shape();
    int at = 0;
    for (int i = 0; i < place.length; i++) {
      at = at * shape[i] + place[i];
    }
    double before = elements[at];
    elements[at] += delta;
    Tensor other = Tensor.of(elements, own.dimensions().toArray(Dimension[]::new));
    trial.suspect(
        "one weight is another: %s%s is %.6g instead of %.6g"
            .formatted(
                parameter.name(trial.layer), where(own.axes(), place), before + delta, before),
        trial.usual.withWeight(parameter, other));
  }

  /**
   * Whether one element of a matrix is another: then one column is off, at each position by that
   * much of one input.
   *
   * @param x what the matrix reads
   * @param over the axis of the sum
   */
  void weights(Parameter matrix, Tensor x, Axis over) {
    Tensor own = trial.weight(matrix);
    if (own.rank() == 2 && own.shape()[0] == own.shape()[1]) {
      Dimension[] dimensions = own.dimensions().toArray(Dimension[]::new);
      Tensor turned = Tensor.of(transposed(own.doubles(), own.shape()[0]), dimensions);
      trial.suspect(
          matrix.stackedName() + " is transposed", trial.usual.withWeight(matrix, turned));
    }
    Tensor off = trial.off().max(POSITION);
    if (off.sum().value() != 1) {
      return;
    }
    int[] column = Trial.place(off);
    Tensor error = trial.error();
    Tensor input = Formulas.wide(x);
    int[] place = new int[own.rank()];
    for (int i = 0; i < column.length; i++) {
      Axis axis = off.axes().get(i);
      error = error.at(axis, column[i]);
      input = axis != over && input.has(axis) ? input.at(axis, column[i]) : input;
      place[own.axes().indexOf(axis)] = column[i];
    }
    Fit fit = Fit.best(error.doubles(), input.permute(POSITION, over).doubles());
    place[own.axes().indexOf(over)] = fit.index();
    altered(matrix, own, place, fit.factor());
  }

  /** Whether one gain or bias of the trial.layer norm before a matrix is another. */
  void gains(Parameter matrix, Parameter gain, Parameter bias, Site normalized) {
    if (!trial.config.layerNorm()) {
      return;
    }
    Tensor error = trial.error();
    Tensor w = trial.weight(matrix);
    Tensor n = trial.parent(normalized);
    Axis[] columns = w.axes().stream().filter(axis -> axis != D_MODEL).toArray(Axis[]::new);
    // The error at p and column j is δ · n[p, c] · W[c, j] for one c: least squares for each.
    Tensor along = error.dot(w, columns);
    Tensor length = w.times(w).sum(columns);
    loudest(gain, along.times(n).sum(POSITION), length.times(n.times(n).sum(POSITION)));
    loudest(bias, along.sum(POSITION), length.times(trial.truth.size()));
  }

  /** Tries the element that takes most of the error away. */
  private void loudest(Parameter vector, Tensor along, Tensor length) {
    double[] a = along.doubles();
    double[] b = length.doubles();
    int best = 0;
    for (int c = 0; c < a.length; c++) {
      best = b[c] > 0 && a[c] * a[c] / b[c] > a[best] * a[best] / b[best] ? c : best;
    }
    Tensor own = trial.weight(vector);
    altered(vector, own, new int[] {best}, a[best] / b[best]);
  }

  private static String where(List<Axis> axes, int... place) {
    StringJoiner where = new StringJoiner(",", "[", "]");
    for (int i = 0; i < place.length; i++) {
      where.add(axes.get(i) + "=" + place[i]);
    }
    return where.toString();
  }
}
