package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.cuda.device.DeviceMemory;
import dev.vitrine.kernels.cuda.device.DeviceMemory.Lease;
import dev.vitrine.kernels.cuda.device.Rows;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Floats on the device. Rows lie one after another; keys lie position beside position, a column's
 * one after another. A view shares them and differs in offset and shape.
 */
final class CudaArray implements Array, Rows {
  private final Lease lease;
  private final long offset;
  private final int rowStride;
  private final int columnStride;
  private final int rows;
  private final int columns;
  private final boolean keys;

  private CudaArray(
      Lease lease,
      long offset,
      int rowStride,
      int columnStride,
      int rows,
      int columns,
      boolean keys) {
    this.lease = lease;
    this.offset = offset;
    this.rowStride = rowStride;
    this.columnStride = columnStride;
    this.rows = rows;
    this.columns = columns;
    this.keys = keys;
  }

  static CudaArray rows(DeviceMemory memory, int rows, int columns) {
    return new CudaArray(
        memory.takeZeros(bytes(rows, columns)), 0, columns, 1, rows, columns, false);
  }

  /** Rows with whatever is in them, for those who fill them. */
  static CudaArray scratch(DeviceMemory memory, int rows, int columns) {
    return new CudaArray(memory.take(bytes(rows, columns)), 0, columns, 1, rows, columns, false);
  }

  /** Keys: neighbouring threads of {@code attend} read neighbouring positions. */
  static CudaArray keys(DeviceMemory memory, int positions, int columns) {
    Lease lease = memory.takeZeros(bytes(positions, columns));
    return new CudaArray(lease, 0, 1, positions, positions, columns, true);
  }

  static long bytes(int rows, int columns) {
    if (rows < 0 || columns < 0) {
      throw new IllegalArgumentException("an array [%d, %d]".formatted(rows, columns));
    }
    return Math.multiplyExact((long) rows * columns, (long) Float.BYTES);
  }

  /** The address of element {@code [0, 0]}. */
  @Override
  public long address() {
    return lease.address() + byteOffset();
  }

  /** The address of a single row, 0 for none. */
  static long row(@Nullable CudaArray array) {
    return array == null ? 0 : array.contiguous().address();
  }

  /** Where element {@code [0, 0]} lies in its piece of memory. */
  long byteOffset() {
    return offset * Float.BYTES;
  }

  Lease lease() {
    return lease;
  }

  /** From one row to the next. */
  @Override
  public int stride() {
    return contiguous().rowStride;
  }

  int rowStride() {
    return rowStride;
  }

  int columnStride() {
    return columnStride;
  }

  /** Whether this was made for keys. */
  boolean isKeys() {
    return keys;
  }

  /** This, if a row's elements lie one after another. */
  CudaArray contiguous() {
    if (keys) {
      throw new IllegalArgumentException("keys, where rows are expected");
    }
    return this;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public CudaArray columns(int from, int to) {
    Objects.checkFromToIndex(from, to, columns);
    long first = offset + (long) from * columnStride;
    return new CudaArray(lease, first, rowStride, columnStride, rows, to - from, keys);
  }

  @Override
  public CudaArray rows(int from, int to) {
    Objects.checkFromToIndex(from, to, rows);
    long first = offset + (long) from * rowStride;
    return new CudaArray(lease, first, rowStride, columnStride, to - from, columns, keys);
  }
}
