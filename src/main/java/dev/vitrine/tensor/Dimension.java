package dev.vitrine.tensor;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * An axis of a tensor: its name, its size, and a label for each index.
 *
 * <p>Labels are strings made when asked for, so a vocabulary of 50,000 costs nothing. Without
 * labels of its own an index is labelled by its number, and keeps it when the axis is cut: the
 * second of heads 4 to 7 is still {@code "5"}.
 */
public final class Dimension {
  private final Axis axis;
  private final int size;
  private final IntFunction<String> labels;
  private final boolean labelled;

  private Dimension(Axis axis, int size, IntFunction<String> labels, boolean labelled) {
    if (size < 0) {
      throw new IllegalArgumentException("axis " + axis + " has a negative size: " + size);
    }
    if (axis == Axis.ONE && size != 1) {
      throw new IllegalArgumentException("axis one has the size 1, not " + size);
    }
    this.axis = Objects.requireNonNull(axis, "axis");
    this.size = size;
    this.labels = Objects.requireNonNull(labels, "labels");
    this.labelled = labelled;
  }

  static Dimension numbered(Axis axis, int size) {
    return new Dimension(axis, size, Integer::toString, false);
  }

  static Dimension labelled(Axis axis, List<String> labels) {
    List<String> own = List.copyOf(labels);
    return new Dimension(axis, own.size(), own::get, true);
  }

  static Dimension labelled(Axis axis, int size, IntFunction<String> labels) {
    return new Dimension(axis, size, labels, true);
  }

  /** The name of the axis. */
  public Axis axis() {
    return axis;
  }

  /** The number of its indices; may be 0. */
  public int size() {
    return size;
  }

  /** Whether the indices have labels other than their numbers. */
  public boolean isLabelled() {
    return labelled;
  }

  /**
   * The label of one index.
   *
   * @throws IndexOutOfBoundsException if the index is negative or not below the size
   */
  public String label(int index) {
    return labels.apply(Objects.checkIndex(index, size));
  }

  /** All labels, each made when it is read. */
  public List<String> labels() {
    return new AbstractList<>() {
      @Override
      public String get(int index) {
        return label(index);
      }

      @Override
      public int size() {
        return size;
      }
    };
  }

  /** This axis under another name. */
  public Dimension renamed(Axis name) {
    return new Dimension(name, size, labels, labelled);
  }

  /** The {@code count} indices {@code from}, {@code from + step}, … with their labels. */
  public Dimension every(int from, int step, int count) {
    return new Dimension(axis, count, i -> labels.apply(from + i * step), labelled);
  }

  /** The given indices, in that order, with their labels. */
  public Dimension select(int[] indices) {
    return new Dimension(axis, indices.length, i -> labels.apply(indices[i]), labelled);
  }

  /** Axes of one name, one after another. */
  public static Dimension joined(List<Dimension> parts) {
    List<String> labels = parts.stream().flatMap(part -> part.labels().stream()).toList();
    boolean labelled = parts.stream().anyMatch(Dimension::isLabelled);
    Axis axis = parts.getFirst().axis();
    return labelled ? labelled(axis, labels) : numbered(axis, labels.size());
  }

  /** The axis and its size, such as {@code head 12}. */
  @Override
  public String toString() {
    return axis + " " + size;
  }
}
