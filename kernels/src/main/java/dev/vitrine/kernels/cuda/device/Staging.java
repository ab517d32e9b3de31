package dev.vitrine.kernels.cuda.device;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import dev.vitrine.kernels.cuda.device.DeviceMemory.Lease;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;

/**
 * Pinned host memory, from which the device copies by itself while Java goes on, and to which it
 * copies what is looked at.
 *
 * <p>It has two halves. One is filled piece by piece; before it is filled anew the device must have
 * read all of it, which it had the time to do while the other was filled.
 */
public final class Staging {
  /** The size of a half, and so of the largest piece. */
  public static final int HALF = 4 << 20;

  private static final int LINE = 64;

  private final CUstream stream;
  private final Pointer pinned = new Pointer();
  private final MemorySegment memory;
  private final CUevent[] read = {new CUevent(), new CUevent()};
  private int half;
  private int filled;

  Staging(CUstream stream) {
    this.stream = stream;
    Status.check(cuMemHostAlloc(pinned, 2L * HALF, 0), "pin host memory");
    memory = MemorySegment.ofBuffer(pinned.getByteBuffer(0, 2L * HALF));
    for (CUevent event : read) {
      Status.check(cuEventCreate(event, 0), "make an event");
    }
  }

  /** Room for {@code bytes}, at most {@link #HALF}, to be filled and sent before the next. */
  public MemorySegment room(long bytes) {
    if (bytes > HALF - filled) {
      Status.check(cuEventRecord(read[half], stream), "mark a copy");
      half = 1 - half;
      filled = 0;
      Status.check(cuEventSynchronize(read[half]), "finish a copy");
    }
    return memory.asSlice((long) half * HALF + filled, bytes);
  }

  /** Copies what {@link #room} gave to the device. */
  public void send(MemorySegment room, Lease to, long offset) {
    long bytes = room.byteSize();
    Status.check(
        cuMemcpyHtoDAsync(
            to.pointer().withByteOffset(offset),
            pinned.withByteOffset((long) half * HALF + filled),
            bytes,
            stream),
        "copy to it");
    filled = Math.min(HALF, (int) (filled + bytes + LINE - 1) / LINE * LINE);
  }

  /** Waits for all work before, and copies at most {@link #HALF} bytes from the device. */
  public MemorySegment fetch(Lease from, long offset, long bytes) {
    MemorySegment room = room(bytes);
    Status.check(
        cuMemcpyDtoHAsync(
            pinned.withByteOffset((long) half * HALF + filled),
            from.pointer().withByteOffset(offset),
            bytes,
            stream),
        "copy from it");
    Status.check(cuStreamSynchronize(stream), "finish its work");
    return room;
  }

  void close() {
    for (CUevent event : read) {
      cuEventDestroy(event);
    }
    cuMemFreeHost(pinned);
  }
}
