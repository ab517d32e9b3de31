package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.cuda.device.Device;
import dev.vitrine.kernels.cuda.device.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What goes to the device, comes back from it, and moves on it, whatever the layout of arrays. */
final class Copies {
  private static final int THREADS = 128;

  /** So many floats go at once. */
  private static final int MOST = Staging.HALF / Float.BYTES;

  private final Device device;

  Copies(Device device) {
    this.device = device;
  }

  /** Fills a row from {@code from[at]} on. */
  void write(float[] from, int at, CudaArray to) {
    for (int c = 0; c < to.columns(); c += MOST) {
      int part = Math.min(MOST, to.columns() - c);
      MemorySegment room = device.staging().room((long) part * Float.BYTES);
      MemorySegment.copy(from, at + c, room, ValueLayout.JAVA_FLOAT, 0, part);
      send(room, to.columns(c, c + part));
    }
  }

  /** Keys are gathered from a copy of their row. */
  private void send(MemorySegment room, CudaArray to) {
    if (!to.isKeys()) {
      device.staging().send(room, to.lease(), to.byteOffset());
      return;
    }
    CudaArray row = CudaArray.rows(device.memory(), 1, to.columns());
    device.staging().send(room, row.lease(), 0);
    copy(row, to);
    row.lease().release();
  }

  /** Reads a row into {@code into[at]} and what follows. */
  void read(CudaArray from, float[] into, int at) {
    for (int c = 0; c < from.columns(); c += MOST) {
      int part = Math.min(MOST, from.columns() - c);
      MemorySegment room = fetch(from.columns(c, c + part));
      MemorySegment.copy(room, ValueLayout.JAVA_FLOAT, 0, into, at + c, part);
    }
  }

  private MemorySegment fetch(CudaArray from) {
    long bytes = (long) from.columns() * Float.BYTES;
    if (!from.isKeys()) {
      return device.staging().fetch(from.lease(), from.byteOffset(), bytes);
    }
    CudaArray row = CudaArray.rows(device.memory(), 1, from.columns());
    copy(from, row);
    MemorySegment room = device.staging().fetch(row.lease(), 0, bytes);
    row.lease().release();
    return room;
  }

  /** Copies all of an array to one of the same shape. */
  void copy(CudaArray from, CudaArray to) {
    long elements = (long) from.rows() * from.columns();
    device
        .launch("copy_strided")
        .address(from.address())
        .wide(from.rowStride())
        .wide(from.columnStride())
        .address(to.address())
        .wide(to.rowStride())
        .wide(to.columnStride())
        .integer(from.rows())
        .integer(from.columns())
        .start(Math.toIntExact(Math.ceilDiv(elements, THREADS)), 1, 1, THREADS);
  }
}
