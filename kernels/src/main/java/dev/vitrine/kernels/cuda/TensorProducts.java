package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Source;
import dev.vitrine.kernels.cuda.device.Device;
import dev.vitrine.kernels.cuda.device.DeviceMemory.Lease;
import dev.vitrine.kernels.cuda.device.Launch;
import org.jspecify.annotations.Nullable;

/**
 * Products on tensor cores ({@code tensor.cuh}). Weights are held rounded, two in a word, and rows
 * are rounded as they are read. Sums of blocks add up to products as ever, and few rows give the
 * bits that many give: one kernel computes both.
 */
final class TensorProducts extends CudaProducts {
  private static final int THREADS = 128;

  /** The side of a tile. */
  private static final int TILE = 64;

  /** A block of weights is filled with zeros up to a multiple of what one instruction takes. */
  private static final int INPUTS = 16;

  private final Operands operands;

  TensorProducts(Device device, Operands operands) {
    super(device);
    this.operands = operands;
  }

  @Override
  String note() {
    return ", products of %s on tensor cores: other bits, and tried on no GPU yet"
        .formatted(operands);
  }

  @Override
  CudaMatrix pack(Source source, int block) {
    return rounded(super.pack(source, block));
  }

  @Override
  CudaMatrix packTransposed(Source source, int block) {
    return rounded(super.packTransposed(source, block));
  }

  /** A weight {@code [out, words]}; what it was made of is given back. */
  private CudaMatrix rounded(CudaMatrix whole) {
    int longest = Math.min(whole.block(), whole.in());
    int words = Math.ceilDiv(longest, INPUTS) * INPUTS / 2;
    int stride = Math.multiplyExact(words, Shapes.blocks(whole));
    Lease lease = device.memory().take(CudaArray.bytes(whole.out(), stride));
    CudaMatrix rounded = new CudaMatrix(lease, stride, whole.in(), whole.out(), whole.block());
    launch("pack")
        .rows(whole)
        .rows(rounded)
        .integer(whole.in())
        .integer(whole.out())
        .integer(whole.block())
        .start(stride, Math.ceilDiv(whole.out(), THREADS), 1, THREADS);
    whole.release();
    return rounded;
  }

  @Override
  Launch gathering(CudaMatrix matrix, long columns, CudaArray out) {
    return launch("gather")
        .rows(matrix)
        .address(columns)
        .rows(out)
        .integer(matrix.in())
        .integer(matrix.block());
  }

  @Override
  void tiles(CudaArray x, CudaMatrix matrix, @Nullable CudaArray bias, CudaArray out) {
    product(x, matrix, bias, out, false);
  }

  @Override
  void blocks(CudaArray x, CudaMatrix matrix, CudaArray out) {
    product(x, matrix, null, out, true);
  }

  private void product(
      CudaArray x, CudaMatrix matrix, @Nullable CudaArray bias, CudaArray out, boolean apart) {
    launch("product")
        .rows(x)
        .rows(matrix)
        .address(CudaArray.row(bias))
        .rows(out)
        .integer(x.rows())
        .integer(matrix.in())
        .integer(matrix.out())
        .integer(matrix.block())
        .integer(apart ? 1 : 0)
        .start(
            Math.ceilDiv(matrix.out(), TILE),
            Math.ceilDiv(x.rows(), TILE),
            apart ? Shapes.blocks(matrix) : 1,
            THREADS);
  }

  private Launch launch(String kernel) {
    return device.launch(kernel + "_" + operands);
  }
}
