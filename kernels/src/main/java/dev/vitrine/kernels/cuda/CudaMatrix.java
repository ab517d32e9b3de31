package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Source;
import dev.vitrine.kernels.cuda.device.Device;
import dev.vitrine.kernels.cuda.device.DeviceMemory;
import dev.vitrine.kernels.cuda.device.DeviceMemory.Lease;
import dev.vitrine.kernels.cuda.device.Rows;
import dev.vitrine.kernels.cuda.device.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A weight {@code [in, out]} on the device. In f32 it lies row by row, each row beginning at a
 * multiple of 128 bytes: neighbouring threads, which compute neighbouring columns, read whole
 * lines.
 */
final class CudaMatrix implements Matrix, Rows {
  private static final int LINE = 32;

  private final Lease lease;
  private final int stride;
  private final int in;
  private final int out;
  private final int block;

  /** In memory that is laid out otherwise, with another way from row to row. */
  CudaMatrix(Lease lease, int stride, int in, int out, int block) {
    this.lease = lease;
    this.stride = stride;
    this.in = in;
    this.out = out;
    this.block = block;
  }

  private static CudaMatrix empty(Device device, int in, int out, int block) {
    int stride = Math.multiplyExact(Math.ceilDiv(out, LINE), LINE);
    // up to the last element and no further
    long elements = in == 0 ? 0 : (long) (in - 1) * stride + out;
    Lease lease = device.memory().take(Math.multiplyExact(elements, (long) Float.BYTES));
    return new CudaMatrix(lease, stride, in, out, Shapes.block(block));
  }

  /** From a source {@code [in, out]}. */
  static CudaMatrix of(Device device, Source source, int block) {
    CudaMatrix matrix = empty(device, source.rows(), source.columns(), block);
    float[] row = new float[Math.min(matrix.out, Staging.HALF / Float.BYTES)];
    for (int i = 0; i < matrix.in; i++) {
      for (int j = 0; j < matrix.out; j += row.length) {
        int count = Math.min(row.length, matrix.out - j);
        source.read(i, j, count, row, 0);
        send(device, row, count, matrix.lease, (long) i * matrix.stride + j);
      }
    }
    return matrix;
  }

  /** From a source {@code [out, in]}, turned on the device, some rows of it at a time. */
  static CudaMatrix ofTransposed(Device device, Source source, int block) {
    CudaMatrix matrix = empty(device, source.columns(), source.rows(), block);
    int in = matrix.in;
    int most = Math.max(1, Staging.HALF / Float.BYTES / Math.max(1, in));
    int together = Math.min(most, Math.max(1, matrix.out));
    float[] row = new float[Math.min(in, Staging.HALF / Float.BYTES)];
    Lease rows = device.memory().take(CudaArray.bytes(together, in));
    for (int j = 0; j < matrix.out && in > 0; j += together) {
      int count = Math.min(together, matrix.out - j);
      for (int r = 0; r < count; r++) {
        for (int i = 0; i < in; i += row.length) {
          int part = Math.min(row.length, in - i);
          source.read(j + r, i, part, row, 0);
          send(device, row, part, rows, (long) r * in + i);
        }
      }
      device
          .launch("copy_strided")
          .address(rows.address())
          .wide(in)
          .wide(1)
          .address(matrix.address() + (long) j * Float.BYTES)
          .wide(1)
          .wide(matrix.stride)
          .integer(count)
          .integer(in)
          .start(Math.toIntExact(Math.ceilDiv((long) count * in, 128L)), 1, 1, 128);
    }
    rows.release();
    return matrix;
  }

  private static void send(Device device, float[] row, int count, Lease to, long element) {
    MemorySegment room = device.staging().room((long) count * Float.BYTES);
    MemorySegment.copy(row, 0, room, ValueLayout.JAVA_FLOAT, 0, count);
    device.staging().send(room, to, element * Float.BYTES);
  }

  @Override
  public long address() {
    return lease.address();
  }

  @Override
  public int stride() {
    return stride;
  }

  /** Gives its memory back at once. */
  void release() {
    lease.release();
  }

  boolean isOf(DeviceMemory memory) {
    return lease.isOf(memory);
  }

  @Override
  public int in() {
    return in;
  }

  @Override
  public int out() {
    return out;
  }

  @Override
  public int block() {
    return block;
  }
}
