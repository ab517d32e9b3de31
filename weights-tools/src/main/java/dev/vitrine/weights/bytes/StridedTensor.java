package dev.vitrine.weights.bytes;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import java.util.List;
import java.util.Objects;

/**
 * A tensor whose elements lie in another order than row-major, such as a transposed one: a view of
 * a tensor of one axis.
 *
 * @param elements what it is a view of
 * @param offset the index of its first element there
 * @param strides how far the next element along each axis is; whoever makes it has checked that all
 *     lie inside
 */
public record StridedTensor(
    String name, List<Long> shape, StoredTensor elements, long offset, List<Long> strides)
    implements StoredTensor {

  @Override
  public Dtype dtype() {
    return elements.dtype();
  }

  @Override
  public void read(long from, int count, float[] into, int at) {
    runs(from, count, (place, done, run) -> elements.read(place, run, into, at + done));
  }

  @Override
  public void read(long from, int count, double[] into, int at) {
    runs(from, count, (place, done, run) -> elements.read(place, run, into, at + done));
  }

  @Override
  public void read(long from, int count, long[] into, int at) {
    runs(from, count, (place, done, run) -> elements.read(place, run, into, at + done));
  }

  private interface Run {
    void read(long place, int done, int count);
  }

  /** Calls with the longest runs of neighbours, which have one element if the last axis strides. */
  private void runs(long from, int count, Run run) {
    Objects.checkFromIndexSize(from, count, size());
    long last = shape.isEmpty() ? 1 : shape.getLast();
    boolean neighbours = shape.isEmpty() || strides.getLast() == 1;
    int done = 0;
    while (done < count) {
      long index = from + done;
      int some = neighbours ? (int) Math.min(count - done, last - index % last) : 1;
      run.read(place(index), done, some);
      done += some;
    }
  }

  private long place(long index) {
    long place = offset;
    long rest = index;
    for (int axis = shape.size() - 1; axis >= 0; axis--) {
      place += rest % shape.get(axis) * strides.get(axis);
      rest /= shape.get(axis);
    }
    return place;
  }
}
