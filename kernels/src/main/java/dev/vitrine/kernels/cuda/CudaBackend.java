package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Shapes;
import dev.vitrine.kernels.Source;
import dev.vitrine.kernels.Span;
import dev.vitrine.kernels.cuda.device.Device;
import dev.vitrine.kernels.cuda.device.Launch;
import dev.vitrine.kernels.cuda.device.Ptx;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A backend on an NVIDIA GPU, which keeps {@code kernels/CONTRACT.md}: the same bits as on the
 * processor; but for products, if they go to its tensor cores.
 *
 * <p>Weights are copied to the device once; arrays stay there and come back, row by row, when they
 * are read. Operations return as soon as they are handed over, and run in the order in which they
 * were; a device that fails says so at a later call.
 */
public final class CudaBackend implements Backend {
  private static final int THREADS = 128;

  private final String name;
  private final Device device;
  private final Copies copies;
  private final CudaProducts products;

  /**
   * Opens the first device.
   *
   * @param budget how many bytes of memory may be used; 0 for nine tenths of what is free
   * @param reuse whether memory is used again; without it a stray access shows
   */
  CudaBackend(long budget, boolean reuse) {
    this("cuda", new Device(budget, reuse, Ptx.FILES), CudaProducts::new);
  }

  /** The same, with products on tensor cores. */
  CudaBackend(long budget, boolean reuse, Operands operands) {
    this(
        operands.backend(),
        new Device(
            budget, reuse, Stream.concat(Ptx.FILES.stream(), Stream.of(operands.file())).toList()),
        device -> new TensorProducts(device, operands));
  }

  private CudaBackend(String name, Device device, Function<Device, CudaProducts> products) {
    this.name = name;
    this.device = device;
    this.products = products.apply(device);
    copies = new Copies(device);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return device.description() + products.note();
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
    device.use(() -> copies.write(from, at, to));
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
    device.use(() -> copies.read(from, into, at));
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
    device.use(() -> copies.copy(source, target));
  }

  // ---- products

  @Override
  public Matrix pack(Source source, int block) {
    return device.ask(() -> products.pack(source, block));
  }

  @Override
  public Matrix packTransposed(Source source, int block) {
    return device.ask(() -> products.packTransposed(source, block));
  }

  @Override
  public void gather(Matrix matrix, int[] columns, Array out) {
    Shapes.gather(matrix, columns, out);
    CudaMatrix weights = own(matrix);
    CudaArray into = own(out);
    device.use(() -> products.gather(weights, columns, into));
  }

  @Override
  public void product(Array x, Matrix matrix, @Nullable Array bias, Array out) {
    Shapes.product(x, matrix, bias, out);
    CudaArray from = own(x);
    CudaMatrix weights = own(matrix);
    CudaArray added = ownOrNull(bias);
    CudaArray into = own(out);
    device.use(() -> products.product(from, weights, added, into));
  }

  @Override
  public void blocks(Array x, Matrix matrix, Array out) {
    Shapes.blocks(x, matrix, out);
    CudaArray from = own(x);
    CudaMatrix weights = own(matrix);
    CudaArray into = own(out);
    device.use(() -> products.blocks(from, weights, into));
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
                .address(CudaArray.row(own(gain)))
                .address(CudaArray.row(own(bias)))
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
            launch
                .rows(own(x))
                .address(CudaArray.row(own(gain)))
                .address(CudaArray.row(own(bias)))
                .rows(own(out))
                .integer(x.columns()));
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
