package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Source;
import dev.vitrine.kernels.cuda.device.Device;
import dev.vitrine.kernels.cuda.device.DeviceMemory.Lease;
import dev.vitrine.kernels.cuda.device.Launch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Weights and products with them, as the contract has them. Few rows have the sums of their blocks
 * computed by threads of their own, and then added; many rows are computed tile by tile.
 */
class CudaProducts {
  private static final int THREADS = 128;

  /** The side of a tile of {@code product_tiles}. */
  private static final int TILE = 64;

  /** Columns of a block of {@code block_sums}. */
  private static final int STEP_COLUMNS = 64;

  /** Up to so many rows, a product's blocks go to threads of their own: else too few are busy. */
  private static final int FEW_ROWS = 16;

  /** A grid is at most 65535 rows high. */
  private static final int MOST_GATHERED = 1 << 15;

  final Device device;

  CudaProducts(Device device) {
    this.device = device;
  }

  /** What its user should know, to be appended to a description. */
  String note() {
    return "";
  }

  CudaMatrix pack(Source source, int block) {
    return CudaMatrix.of(device, source, block);
  }

  CudaMatrix packTransposed(Source source, int block) {
    return CudaMatrix.ofTransposed(device, source, block);
  }

  final void gather(CudaMatrix matrix, int[] columns, CudaArray out) {
    for (int r = 0; r < columns.length; r += MOST_GATHERED) {
      int count = Math.min(MOST_GATHERED, columns.length - r);
      long bytes = (long) count * Integer.BYTES;
      Lease table = device.memory().take(bytes);
      MemorySegment room = device.staging().room(bytes);
      MemorySegment.copy(columns, r, room, ValueLayout.JAVA_INT, 0, count);
      device.staging().send(room, table, 0);
      gathering(matrix, table.address(), out.rows(r, r + count))
          .start(Math.ceilDiv(matrix.in(), THREADS), count, 1, THREADS);
      table.release();
    }
  }

  Launch gathering(CudaMatrix matrix, long columns, CudaArray out) {
    return device.launch("gather").rows(matrix).address(columns).rows(out).integer(matrix.in());
  }

  final void product(CudaArray x, CudaMatrix matrix, @Nullable CudaArray bias, CudaArray out) {
    if (x.rows() > FEW_ROWS) {
      tiles(x, matrix, bias, out);
      return;
    }
    int blocks = Shapes.blocks(matrix);
    CudaArray sums =
        CudaArray.scratch(device.memory(), x.rows(), Math.multiplyExact(blocks, matrix.out()));
    blocks(x, matrix, sums);
    device
        .launch("fold_blocks")
        .rows(sums)
        .address(CudaArray.row(bias))
        .rows(out)
        .integer(matrix.out())
        .integer(blocks)
        .start(Math.ceilDiv(matrix.out(), THREADS), x.rows(), 1, THREADS);
    sums.lease().release();
  }

  void tiles(CudaArray x, CudaMatrix matrix, @Nullable CudaArray bias, CudaArray out) {
    device
        .launch("product_tiles")
        .rows(x)
        .rows(matrix)
        .address(CudaArray.row(bias))
        .rows(out)
        .integer(x.rows())
        .integer(matrix.in())
        .integer(matrix.out())
        .integer(matrix.block())
        .start(Math.ceilDiv(matrix.out(), TILE), Math.ceilDiv(x.rows(), TILE), 1, 4 * TILE);
  }

  void blocks(CudaArray x, CudaMatrix matrix, CudaArray out) {
    int together = x.rows() == 1 ? 1 : 4;
    device
        .launch("block_sums_" + together)
        .rows(x)
        .rows(matrix)
        .rows(out)
        .integer(x.rows())
        .integer(matrix.in())
        .integer(matrix.out())
        .integer(matrix.block())
        .start(
            Math.ceilDiv(matrix.out(), STEP_COLUMNS),
            Shapes.blocks(matrix),
            Math.ceilDiv(x.rows(), together),
            STEP_COLUMNS);
  }
}
