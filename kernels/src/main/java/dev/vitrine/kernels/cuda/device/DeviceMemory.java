package dev.vitrine.kernels.cuda.device;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;

import dev.vitrine.kernels.DeviceException;
import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;

/**
 * The device's memory, within a budget. What an array held goes back when nobody can reach the
 * array any more, and is kept for the next who asks for about as much: allocating waits for the
 * device, reusing does not. All work goes to one stream, so that whoever gets a piece writes to it
 * after its last reader has read.
 *
 * <p>All but giving back happens inside of {@link Device#use}.
 */
public final class DeviceMemory {
  /** How many MiB of device memory may be used; by default nine tenths of what is free. */
  public static final String BUDGET = "vitrine.cuda.budget";

  private static final Cleaner CLEANER = Cleaner.create();
  private static final long MIB = 1 << 20;

  /** A piece may be so much too large, as a divisor: an eighth. */
  private static final int WASTE = 8;

  /** How long the garbage collector may take to find arrays that nobody uses. */
  private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);

  /**
   * After so many pieces from the driver the garbage collector is asked to look: arrays weigh
   * nothing on Java's heap, so that it would not come by itself to give their memory back.
   */
  private static final int PIECES = 4096;

  private final CUstream stream;
  private final long budget;
  private final boolean reuse;
  private final Queue<Piece> returned = new ConcurrentLinkedQueue<>();
  private final TreeMap<Long, Deque<Piece>> free = new TreeMap<>();
  private long taken;
  private int fresh;

  /**
   * The memory of the current context.
   *
   * @param budget how many bytes may be taken; 0 for nine tenths of what is free now
   * @param reuse whether what was given back is kept; without it every piece is as large as was
   *     asked for, and its addresses are its own
   */
  DeviceMemory(CUstream stream, long budget, boolean reuse) {
    this.stream = stream;
    this.reuse = reuse;
    long[] available = {0};
    Status.check(cuMemGetInfo(available, new long[1]), "say how much memory is free");
    this.budget = budget > 0 ? budget : available[0] / 10 * 9;
  }

  private record Piece(DevicePointer pointer, long size) {}

  /** A piece of memory, for as long as somebody holds this. */
  public static final class Lease {
    private final Piece piece;
    private final DeviceMemory memory;
    private final Cleaner.Cleanable giveBack;

    private Lease(Piece piece, DeviceMemory memory) {
      this.piece = piece;
      this.memory = memory;
      Queue<Piece> returned = memory.returned;
      this.giveBack = CLEANER.register(this, () -> returned.add(piece));
    }

    /** Where it begins. */
    public long address() {
      return piece.pointer.address();
    }

    /** For copies, which take pointers. */
    DevicePointer pointer() {
      return piece.pointer;
    }

    /** Whether it is a piece of that memory. */
    public boolean isOf(DeviceMemory other) {
      return memory == other;
    }

    /** Gives it back at once; what was started before may still use it. */
    public void release() {
      giveBack.clean();
    }
  }

  /** How many bytes may be taken. */
  public long budget() {
    return budget;
  }

  /** Bytes with whatever is in them. */
  public Lease take(long bytes) {
    long size = Math.max(bytes, 16);
    sweep();
    Map.Entry<Long, Deque<Piece>> fitting = free.ceilingEntry(size);
    if (fitting != null && fitting.getKey() <= size + size / WASTE) {
      Piece piece = fitting.getValue().pop();
      if (fitting.getValue().isEmpty()) {
        free.remove(fitting.getKey());
      }
      return new Lease(piece, this);
    }
    return new Lease(allocate(size), this);
  }

  /** Bytes of zeros. */
  public Lease takeZeros(long bytes) {
    Lease lease = take(bytes);
    if (bytes > 0) {
      Status.check(cuMemsetD8Async(lease.pointer(), (byte) 0, bytes, stream), "clear memory");
    }
    return lease;
  }

  @SuppressWarnings("SystemGc") // see PIECES
  private Piece allocate(long size) {
    fresh++;
    if (fresh == PIECES) {
      fresh = 0;
      System.gc();
    }
    if (taken + size > budget) {
      freeUnused();
    }
    if (taken + size > budget) {
      collect(size);
    }
    if (taken + size > budget) {
      throw exhausted(size, "");
    }
    DevicePointer pointer = new DevicePointer();
    int result = cuMemAlloc(pointer, size);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      freeUnused();
      collect(size);
      result = cuMemAlloc(pointer, size);
    }
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw exhausted(size, "; the device has no more, as other programs use it too");
    }
    Status.check(result, "give memory");
    taken += size;
    return new Piece(pointer, size);
  }

  private DeviceException exhausted(long size, String more) {
    return new DeviceException(
        "out of CUDA memory, %d MiB more were needed and of a budget of %d MiB %d are taken%s"
            .formatted(Math.ceilDiv(size, MIB), budget / MIB, taken / MIB, more),
        "use fewer or shorter prompts, let go of traces, or raise the budget with -D%s=MIB"
            .formatted(BUDGET));
  }

  /** Takes what was given back. */
  private void sweep() {
    for (Piece piece = returned.poll(); piece != null; piece = returned.poll()) {
      if (reuse) {
        free.computeIfAbsent(piece.size, _ -> new ArrayDeque<>()).push(piece);
      } else {
        free(piece);
      }
    }
  }

  private void freeUnused() {
    sweep();
    free.values().forEach(pieces -> pieces.forEach(this::free));
    free.clear();
  }

  private void free(Piece piece) {
    Status.check(cuMemFree(piece.pointer), "take memory back");
    taken -= piece.size;
  }

  /** Has the garbage collector look for arrays that nobody uses any more. */
  @SuppressWarnings("SystemGc") // the heap is not short of memory, so nothing else would make it
  private void collect(long size) {
    System.gc();
    long end = System.nanoTime() + PATIENCE;
    do {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      freeUnused();
    } while (taken + size > budget && System.nanoTime() < end);
  }

  /**
   * Frees what was given back, whatever the driver says of a context that failed; what still is in
   * use goes with the context.
   */
  void close() {
    free.values().forEach(pieces -> pieces.forEach(piece -> cuMemFree(piece.pointer)));
    free.clear();
    for (Piece piece = returned.poll(); piece != null; piece = returned.poll()) {
      cuMemFree(piece.pointer);
    }
  }
}
