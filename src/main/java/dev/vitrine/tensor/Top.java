package dev.vitrine.tensor;

import dev.vitrine.tensor.drawing.Rendering;
import dev.vitrine.tensor.drawing.terminal.TopDrawing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.DoubleConsumer;

/**
 * The largest elements of a tensor, in falling order; of equal ones the first in the tensor comes
 * first, and NaN comes before all numbers, so that it is not overlooked.
 *
 * @param title the axis or axes that the labels are of
 * @param entries the elements
 */
public record Top(String title, List<Entry> entries) implements Iterable<Top.Entry> {

  /**
   * One element.
   *
   * @param label the label of its index; of several axes, each with its name: {@code layer 3, head
   *     5}
   * @param index its index; of several axes, its place in row-major order
   * @param value the element
   */
  public record Entry(String label, int index, double value) {}

  /** Keeps the entries as they are. */
  public Top {
    entries = List.copyOf(entries);
  }

  /** Axes of size 1 play no part; those that remain are searched together. */
  static Top of(Tensor tensor, int k) {
    if (k < 0) {
      throw new IllegalArgumentException("the " + k + " largest elements were asked for");
    }
    Best best = new Best(k);
    tensor.forEach(best);
    List<Integer> places = places(tensor);
    List<Entry> entries =
        best.entries.stream()
            .sorted(Comparator.comparing((Entry entry) -> entry, Top::compare).reversed())
            .map(e -> new Entry(label(tensor, places, e.index()), e.index(), e.value()))
            .toList();
    List<String> names = new ArrayList<>();
    places.forEach(place -> names.add(tensor.axes().get(place).toString()));
    return new Top(String.join(", ", names), entries);
  }

  /** The k best of those that came so far. */
  private static final class Best implements DoubleConsumer {
    private final PriorityQueue<Entry> entries = new PriorityQueue<>(Top::compare);
    private final int k;
    private int index = 0;

    /** What is not greater need not be looked at: few elements of many get further. */
    private double least = Double.NaN;

    Best(int k) {
      this.k = k;
    }

    @Override
    public void accept(double value) {
      int at = index++;
      if (!(value <= least) && k > 0) {
        add(new Entry("", at, value));
      }
    }

    private void add(Entry entry) {
      if (entries.size() == k) {
        if (compare(entry, entries.element()) < 0) {
          return;
        }
        entries.remove();
      }
      entries.add(entry);
      least = entries.size() == k ? entries.element().value() : Double.NaN;
    }
  }

  /** The axes that have more than one index, or else the last. */
  private static List<Integer> places(Tensor tensor) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < tensor.rank(); i++) {
      if (tensor.dimensions().get(i).size() != 1) {
        places.add(i);
      }
    }
    return places.isEmpty() && tensor.rank() > 0 ? List.of(tensor.rank() - 1) : places;
  }

  private static String label(Tensor tensor, List<Integer> places, int index) {
    List<Integer> at = Difference.coordinates(index, tensor.shape());
    List<String> parts = new ArrayList<>();
    for (int place : places) {
      Dimension dimension = tensor.dimensions().get(place);
      String label = dimension.label(at.get(place));
      parts.add(places.size() == 1 ? label : dimension.axis() + " " + label);
    }
    return String.join(", ", parts);
  }

  /** The better of two is the greater. */
  private static int compare(Entry a, Entry b) {
    int byValue = a.value() == b.value() ? 0 : Double.compare(a.value(), b.value());
    return byValue != 0 ? byValue : Integer.compare(b.index(), a.index());
  }

  /** The labels in falling order of their values. */
  public List<String> labels() {
    return entries.stream().map(Entry::label).toList();
  }

  @Override
  public Iterator<Entry> iterator() {
    return entries.iterator();
  }

  /** A table of rank, label, index and value. */
  @Override
  public String toString() {
    return TopDrawing.of(this, Rendering.standard());
  }
}
