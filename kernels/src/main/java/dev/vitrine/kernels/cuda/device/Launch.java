package dev.vitrine.kernels.cuda.device;

import static jcuda.driver.JCudaDriver.cuLaunchKernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import org.jspecify.annotations.Nullable;

/**
 * A kernel's arguments, one after another, each checked against the parameter that its PTX
 * declares, and the launch. One object serves all launches of a device, one at a time.
 */
public final class Launch {
  private static final int MOST = 16;

  private final CUstream stream;
  private final ByteBuffer values =
      ByteBuffer.allocateDirect(MOST * Long.BYTES).order(ByteOrder.nativeOrder());

  /** Where the values lie: {@code lists.get(n)} points to the first n. */
  private final List<Pointer> lists = new ArrayList<>();

  private @Nullable Kernel kernel;
  private int count;

  Launch(CUstream stream) {
    this.stream = stream;
    Pointer[] slots = new Pointer[MOST];
    for (int i = 0; i < MOST; i++) {
      slots[i] = Pointer.to(values).withByteOffset((long) i * Long.BYTES);
    }
    for (int n = 0; n <= MOST; n++) {
      Pointer[] first = new Pointer[n];
      System.arraycopy(slots, 0, first, 0, n);
      lists.add(Pointer.to(first));
    }
  }

  Launch begin(Kernel begun) {
    kernel = begun;
    count = 0;
    return this;
  }

  /** An address; 0 for none. */
  public Launch address(long value) {
    values.putLong(slot(Long.BYTES), value);
    return this;
  }

  /** A number of 64 bits. */
  public Launch wide(long value) {
    return address(value);
  }

  /** A number of 32 bits. */
  public Launch integer(int value) {
    values.putInt(slot(Integer.BYTES), value);
    return this;
  }

  /** A float. */
  public Launch real(float value) {
    values.putFloat(slot(Float.BYTES), value);
    return this;
  }

  /** Rows: their address and the way from one to the next. */
  public Launch rows(Rows rows) {
    return address(rows.address()).integer(rows.stride());
  }

  /** The same, or none. */
  public Launch rowsOrNone(@Nullable Rows rows) {
    return rows == null ? address(0).integer(0) : rows(rows);
  }

  private int slot(int size) {
    Kernel begun = begun();
    List<Integer> expected = begun.parameters();
    if (count >= expected.size() || expected.get(count) != size) {
      throw new IllegalStateException(
          "argument %d of kernel %s has %d bytes, its PTX declares %s"
              .formatted(count, begun.name(), size, expected));
    }
    return count++ * Long.BYTES;
  }

  private Kernel begun() {
    if (kernel == null) {
      throw new IllegalStateException("no launch was begun");
    }
    return kernel;
  }

  /** Starts a grid of blocks of {@code threads} threads; none if it is empty. */
  public void start(int x, int y, int z, int threads) {
    Kernel begun = begun();
    kernel = null;
    if (count != begun.parameters().size()) {
      throw new IllegalStateException(
          "kernel %s got %d arguments, its PTX declares %s"
              .formatted(begun.name(), count, begun.parameters()));
    }
    if (x > 0 && y > 0 && z > 0) {
      Status.check(
          cuLaunchKernel(
              begun.function(), x, y, z, threads, 1, 1, 0, stream, lists.get(count), null),
          "run " + begun.name());
    }
  }
}
