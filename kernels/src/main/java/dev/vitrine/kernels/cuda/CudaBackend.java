package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Source;
import dev.vitrine.kernels.Span;
import dev.vitrine.kernels.cuda.DeviceMemory.Lease;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backend on an NVIDIA GPU, which keeps {@code kernels/CONTRACT.md}: the same bits as on the
 * processor.
 *
 * <p>Weights are copied to the device once; arrays stay there and come back, row by row, when they
 * are read. Operations return as soon as they are handed over, and run in the order in which they
 * were; a device that fails says so at a later call.
 */
public final class CudaBackend implements Backend {
  /** How many MiB of device memory may be used; by default nine tenths of what is free. */
  public static final String BUDGET = "vitrine.cuda.budget";

  private static final int THREADS = 128;

  /** The side of a tile of {@code product_tiles}. */
  private static final int TILE = 64;

  /** Columns of a block of {@code block_sums}. */
  private static final int STEP_COLUMNS = 64;

  /** Up to so many rows, a product's blocks go to threads of their own: else too few are busy. */
  private static final int FEW_ROWS = 16;

  private final Device device;

  /**
   * Opens the first device.
   *
   * @throws dev.vitrine.kernels.DeviceException if it does not open
   */
  public CudaBackend() {
    this(Math.multiplyExact(Long.getLong(BUDGET, 0), 1L << 20), true);
  }

  /** For tests: with a budget in bytes, and with or without using memory again. */
  CudaBackend(long budget, boolean reuse) {
    device = new Device(budget, reuse);
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public String description() {
    return device.description();
  }

  @Override
  public boolean isDouble() {
    return false;
  }

  /** How many bytes of the device's memory may be used. */
  public long budget() {
    return device.memory().budget();
  }

  // ---- arrays

  @Override
  public Array rows(int rows, int columns) {
    return device.ask(() -> CudaArray.rows(device.memory(), rows, columns));
  }

  @Override
  public Array keys(int positions, int heads, int headSize) {
    int columns = Math.multiplyExact(heads, headSize);
    return device.ask(() -> CudaArray.keys(device.memory(), positions, columns));
  }

  @Override
  public void write(Array array, int row, int column, int count, float[] from, int at) {
    Shapes.part(array, row, column, count, from.length, at);
    CudaArray to = own(array).rows(row, row + 1).columns(column, column + count);
    device.use(() -> {
      int most = Staging.HALF / Float.BYTES;
      for (int c = 0; c < count; c += most) {
        int part = Math.min(most, count - c);
        MemorySegment room = device.staging().room((long) part * Float.BYTES);
        MemorySegment.copy(from, at + c, room, ValueLayout.JAVA_FLOAT, 0, part);
        send(room, to.columns(c, c + part));
      }
    });
  }

  /** Keys are gathered from a copy of their row. */
  private void send(MemorySegment room, CudaArray to) {
    if (!to.isKeys()) {
      device.staging().send(room, to.lease(), to.byteOffset());
      return;
    }
    CudaArray row = CudaArray.rows(device.memory(), 1, to.columns());
    device.staging().send(room, row.lease(), 0);
    copyStrided(row, to);
    row.lease().release();
  }

  @Override
  public void write(Array array, int row, int column, int count, double[] from, int at) {
    Shapes.part(array, row, column, count, from.length, at);
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) from[at + i];
    }
    write(array, row, column, count, floats, 0);
  }

  @Override
  public void read(Array array, int row, int column, int count, float[] into, int at) {
    Shapes.part(array, row, column, count, into.length, at);
    CudaArray from = own(array).rows(row, row + 1).columns(column, column + count);
    device.use(() -> {
      int most = Staging.HALF / Float.BYTES;
      for (int c = 0; c < count; c += most) {
        int part = Math.min(most, count - c);
        MemorySegment room = fetch(from.columns(c, c + part));
        MemorySegment.copy(room, ValueLayout.JAVA_FLOAT, 0, into, at + c, part);
      }
    });
  }

  private MemorySegment fetch(CudaArray from) {
    long bytes = (long) from.columns() * Float.BYTES;
    if (!from.isKeys()) {
      return device.staging().fetch(from.lease(), from.byteOffset(), bytes);
    }
    CudaArray row = CudaArray.rows(device.memory(), 1, from.columns());
    copyStrided(from, row);
    MemorySegment room = device.staging().fetch(row.lease(), 0, bytes);
    row.lease().release();
    return room;
  }

  @Override
  public void read(Array array, int row, int column, int count, double[] into, int at) {
    Shapes.part(array, row, column, count, into.length, at);
    float[] floats = new float[count];
    read(array, row, column, count, floats, 0);
    for (int i = 0; i < count; i++) {
      into[at + i] = floats[i];
    }
  }

  @Override
  public void copy(Array from, int fromRow, Array to, int toRow, int count) {
    Shapes.copy(from, fromRow, to, toRow, count);
    CudaArray source = own(from).rows(fromRow, fromRow + count);
    CudaArray target = own(to).rows(toRow, toRow + count);
    device.use(() -> copyStrided(source, target));
  }

  private void copyStrided(CudaArray from, CudaArray to) {
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

  // ---- weights

  @Override
  public Matrix pack(Source source, int block) {
    return device.ask(() -> CudaMatrix.of(device, source, block));
  }

  @Override
  public Matrix packTransposed(Source source, int block) {
    return device.ask(() -> CudaMatrix.ofTransposed(device, source, block));
  }

  @Override
  public void gather(Matrix matrix, int[] columns, Array out) {
    Shapes.gather(matrix, columns, out);
    CudaMatrix weights = own(matrix);
    CudaArray to = own(out);
    device.use(() -> {
      // a grid is at most 65535 rows high
      int most = 1 << 15;
      for (int r = 0; r < columns.length; r += most) {
        int count = Math.min(most, columns.length - r);
        long bytes = (long) count * Integer.BYTES;
        Lease table = device.memory().take(bytes);
        MemorySegment room = device.staging().room(bytes);
        MemorySegment.copy(columns, r, room, ValueLayout.JAVA_INT, 0, count);
        device.staging().send(room, table, 0);
        device
            .launch("gather")
            .matrix(weights)
            .address(table.address())
            .rows(to.rows(r, r + count))
            .integer(weights.in())
            .start(Math.ceilDiv(weights.in(), THREADS), count, 1, THREADS);
        table.release();
      }
    });
  }

  // ---- products

  @Override
  public void product(Array x, Matrix matrix, @Nullable Array bias, Array out) {
    Shapes.product(x, matrix, bias, out);
    CudaArray from = own(x);
    CudaMatrix weights = own(matrix);
    CudaArray added = ownOrNull(bias);
    CudaArray into = own(out);
    device.use(() -> {
      if (from.rows() <= FEW_ROWS) {
        productOfFewRows(from, weights, added, into);
      } else {
        device
            .launch("product_tiles")
            .rows(from)
            .matrix(weights)
            .row(added)
            .rows(into)
            .integer(from.rows())
            .integer(weights.in())
            .integer(weights.out())
            .integer(weights.block())
            .start(Math.ceilDiv(weights.out(), TILE), Math.ceilDiv(from.rows(), TILE), 1, 4 * 64);
      }
    });
  }

  /** The blocks' sums first, by threads of their own, then their sum. */
  private void productOfFewRows(
      CudaArray x, CudaMatrix matrix, @Nullable CudaArray bias, CudaArray out) {
    int blocks = Shapes.blocks(matrix);
    CudaArray sums =
        CudaArray.scratch(device.memory(), x.rows(), Math.multiplyExact(blocks, matrix.out()));
    blockSums(x, matrix, sums);
    device
        .launch("fold_blocks")
        .rows(sums)
        .row(bias)
        .rows(out)
        .integer(matrix.out())
        .integer(blocks)
        .start(Math.ceilDiv(matrix.out(), THREADS), x.rows(), 1, THREADS);
    sums.lease().release();
  }

  private void blockSums(CudaArray x, CudaMatrix matrix, CudaArray out) {
    int together = x.rows() == 1 ? 1 : 4;
    device
        .launch("block_sums_" + together)
        .rows(x)
        .matrix(matrix)
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

  @Override
  public void blocks(Array x, Matrix matrix, Array out) {
    Shapes.blocks(x, matrix, out);
    CudaArray from = own(x);
    CudaMatrix weights = own(matrix);
    CudaArray into = own(out);
    device.use(() -> blockSums(from, weights, into));
  }

  // ---- rows

  @Override
  public void add(Array a, Array b, Array out) {
    Shapes.same("b", b, a);
    Shapes.same("out", out, a);
    eachElement(
        "add", a, launch -> launch.rows(own(a)).rows(own(b)).rows(own(out)).integer(a.columns()));
  }

  @Override
  public void layerNorm(
      Array x,
      Array gain,
      Array bias,
      double epsilon,
      Array out,
      @Nullable Array scale,
      @Nullable Array normalized) {
    Shapes.layerNorm(x, gain, bias, out, scale, normalized);
    eachRow(
        "layer_norm",
        x.rows(),
        launch ->
            launch
                .rows(own(x))
                .row(own(gain))
                .row(own(bias))
                .real((float) epsilon)
                .rows(own(out))
                .rowsOrNone(ownOrNull(scale))
                .rowsOrNone(ownOrNull(normalized))
                .integer(x.columns()));
  }

  @Override
  public void normalize(Array x, Array scale, Array out) {
    Shapes.normalize(x, scale, out);
    eachRow(
        "normalize",
        x.rows(),
        launch -> launch.rows(own(x)).rows(own(scale)).rows(own(out)).integer(x.columns()));
  }

  @Override
  public void affine(Array x, Array gain, Array bias, Array out) {
    Shapes.affine(x, gain, bias, out);
    eachElement(
        "affine",
        x,
        launch ->
            launch.rows(own(x)).row(own(gain)).row(own(bias)).rows(own(out)).integer(x.columns()));
  }

  @Override
  public void activate(Activation activation, Array x, Array out) {
    Shapes.same("out", out, x);
    eachElement(
        "activate",
        x,
        launch ->
            launch.integer(number(activation)).rows(own(x)).rows(own(out)).integer(x.columns()));
  }

  /** As {@code rows.cu} numbers them. */
  private static int number(Activation activation) {
    return switch (activation) {
      case GELU_NEW, GELU_FAST -> 0;
      case GELU -> 1;
      case QUICK_GELU -> 2;
      case RELU -> 3;
      case SILU -> 4;
      case SIGMOID -> 5;
      case TANH -> 6;
    };
  }

  @Override
  public void softmax(Array x, Array out) {
    Shapes.same("out", out, x);
    eachRow("softmax", x.rows(), launch -> launch.rows(own(x)).rows(own(out)).integer(x.columns()));
  }

  @Override
  public void logSoftmax(Array x, Array out) {
    Shapes.same("out", out, x);
    eachRow(
        "log_softmax", x.rows(), launch -> launch.rows(own(x)).rows(own(out)).integer(x.columns()));
  }

  private interface Arguments {
    Launch give(Launch launch);
  }

  /** A block of threads for every row. */
  private void eachRow(String kernel, int rows, Arguments arguments) {
    device.use(() -> arguments.give(device.launch(kernel)).start(rows, 1, 1, THREADS));
  }

  /** A thread for every element. */
  private void eachElement(String kernel, Array x, Arguments arguments) {
    int across = Math.ceilDiv(x.columns(), THREADS);
    device.use(() -> arguments.give(device.launch(kernel)).start(x.rows(), across, 1, THREADS));
  }

  // ---- attention

  @Override
  public void attend(int heads, double scale, Array q, List<Span> spans, Array z) {
    CudaAttention.check(this, heads, own(q), spans, own(z));
    if (!spans.isEmpty()) {
      device.use(
          () -> new CudaAttention(device, heads, own(z)).attend(spans, (float) scale, own(q)));
    }
  }

  @Override
  public void mix(int heads, List<Span> spans, Array z) {
    spans.forEach(Shapes::pattern);
    CudaAttention.check(this, heads, own(z), spans, own(z));
    if (!spans.isEmpty()) {
      device.use(() -> new CudaAttention(device, heads, own(z)).mix(spans));
    }
  }

  // ---- whose is what

  CudaArray own(Array array) {
    if (array instanceof CudaArray own && own.lease().isOf(device.memory())) {
      return own;
    }
    throw new IllegalArgumentException("an array of another backend");
  }

  @Nullable CudaArray ownOrNull(@Nullable Array array) {
    return array == null ? null : own(array);
  }

  private CudaMatrix own(Matrix matrix) {
    if (matrix instanceof CudaMatrix own && own.isOf(device.memory())) {
      return own;
    }
    throw new IllegalArgumentException("a matrix of another backend");
  }

  @Override
  public void close() {
    device.close();
  }
}
