package dev.vitrine.kernels;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The contract in plain C as a backend, so that it goes through the same tests as the others.
 *
 * <p>Rows are copied to where C wants them and back; only {@code contract.c} computes.
 */
@SuppressWarnings({"restricted", "ArrayRecordComponent"})
final class ContractInC implements Backend {
  /** In the order of C's enumeration. */
  private static final List<Activation> KINDS = List.of(Activation.values());

  private static final MemoryLayout I = ValueLayout.JAVA_INT;
  private static final MemoryLayout F = ValueLayout.JAVA_FLOAT;
  private static final MemoryLayout P = ValueLayout.ADDRESS;

  private final MethodHandle product;
  private final MethodHandle blocks;
  private final MethodHandle activate;
  private final MethodHandle layerNorm;
  private final MethodHandle normalize;
  private final MethodHandle affine;
  private final MethodHandle softmax;
  private final MethodHandle logSoftmax;
  private final MethodHandle attend;
  private final MethodHandle mix;

  private ContractInC(SymbolLookup library) {
    product = function(library, "product", I, I, I, I, P, P, P, I, P);
    blocks = function(library, "blocks", I, I, I, I, P, P, P);
    activate = function(library, "activate", I, I, P, P);
    layerNorm = function(library, "layer_norm", I, P, P, P, F, P, P, P);
    normalize = function(library, "normalize", I, P, F, P);
    affine = function(library, "affine", I, P, P, P, P);
    softmax = function(library, "softmax", I, P, P);
    logSoftmax = function(library, "log_softmax", I, P, P);
    attend = function(library, "attend", I, I, I, F, P, P, P, P, P, P);
    mix = function(library, "mix", I, I, I, P, P, P);
  }

  private static MethodHandle function(SymbolLookup library, String name, MemoryLayout... types) {
    MemorySegment address = library.find(name).orElseThrow();
    FunctionDescriptor type = FunctionDescriptor.ofVoid(types);
    return Linker.nativeLinker().downcallHandle(address, type, Linker.Option.critical(true));
  }

  /**
   * Compiles {@code contract.c} in {@code folder} and loads it.
   *
   * @throws IOException if there is no C compiler, or it fails
   */
  static ContractInC compile(Path folder) throws IOException, InterruptedException {
    Path source = Path.of(System.getProperty("basedir", "."), "src", "test", "c", "contract.c");
    Path library = folder.resolve("contract.so");
    List<String> command = new ArrayList<>(List.of("cc", "-O2", "-ffp-contract=off"));
    if (System.getProperty("os.arch").equals("amd64")) {
      command.add("-mfma");
    }
    command.addAll(List.of("-shared", "-fPIC", source.toString(), "-o", library.toString(), "-lm"));
    Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (compiler.waitFor() != 0 || !Files.exists(library)) {
      throw new IOException("the C compiler said: " + said);
    }
    return new ContractInC(SymbolLookup.libraryLookup(library, Arena.global()));
  }

  private static void call(MethodHandle function, Object... arguments) {
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] instanceof float[] numbers) {
        arguments[i] = MemorySegment.ofArray(numbers);
      }
    }
    try {
      function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private record Weights(float[][] columns, int in, int out, int block) implements Matrix {
    float[] rowMajor() {
      float[] data = new float[in * out];
      for (int i = 0; i < data.length; i++) {
        data[i] = columns[i % out][i / out];
      }
      return data;
    }
  }

  private record Rows(float[][] data, int row, int column, int rows, int columns) implements Array {
    @Override
    public Array columns(int from, int to) {
      return new Rows(data, row, column + from, rows, to - from);
    }

    @Override
    public Array rows(int from, int to) {
      return new Rows(data, row + from, column, to - from, columns);
    }
  }

  @Override
  public String name() {
    return "c";
  }

  @Override
  public String description() {
    return "plain C";
  }

  @Override
  public boolean isDouble() {
    return false;
  }

  @Override
  public Array rows(int rows, int columns) {
    return new Rows(new float[rows][columns], 0, 0, rows, columns);
  }

  @Override
  public Array keys(int positions, int heads, int headSize) {
    return rows(positions, heads * headSize);
  }

  @Override
  public void write(Array array, int row, int column, int count, float[] from, int at) {
    Rows rows = (Rows) array;
    System.arraycopy(from, at, rows.data[rows.row + row], rows.column + column, count);
  }

  @Override
  public void write(Array array, int row, int column, int count, double[] from, int at) {
    for (int i = 0; i < count; i++) {
      write(array, row, column + i, 1, new float[] {(float) from[at + i]}, 0);
    }
  }

  @Override
  public void read(Array array, int row, int column, int count, float[] into, int at) {
    Rows rows = (Rows) array;
    System.arraycopy(rows.data[rows.row + row], rows.column + column, into, at, count);
  }

  @Override
  public void read(Array array, int row, int column, int count, double[] into, int at) {
    Rows rows = (Rows) array;
    for (int i = 0; i < count; i++) {
      into[at + i] = rows.data[rows.row + row][rows.column + column + i];
    }
  }

  @Override
  public void copy(Array from, int fromRow, Array to, int toRow, int count) {
    for (int r = 0; r < count; r++) {
      store(to, toRow + r, Numbers.row(this, from, fromRow + r));
    }
  }

  private void store(Array array, int row, float[] numbers) {
    write(array, row, 0, array.columns(), numbers, 0);
  }

  @Override
  public Matrix pack(Source source, int block) {
    float[][] columns = new float[source.columns()][source.rows()];
    float[] row = new float[source.columns()];
    for (int i = 0; i < source.rows(); i++) {
      source.read(i, 0, row.length, row, 0);
      for (int j = 0; j < row.length; j++) {
        columns[j][i] = row[j];
      }
    }
    return new Weights(columns, source.rows(), source.columns(), block);
  }

  @Override
  public Matrix packTransposed(Source source, int block) {
    float[][] columns = new float[source.rows()][source.columns()];
    for (int j = 0; j < columns.length; j++) {
      source.read(j, 0, source.columns(), columns[j], 0);
    }
    return new Weights(columns, source.columns(), source.rows(), block);
  }

  @Override
  public void gather(Matrix matrix, int[] columns, Array out) {
    for (int r = 0; r < columns.length; r++) {
      store(out, r, ((Weights) matrix).columns[columns[r]]);
    }
  }

  @Override
  public void add(Array a, Array b, Array out) {
    for (int r = 0; r < a.rows(); r++) {
      float[] sum = Numbers.row(this, a, r);
      float[] other = Numbers.row(this, b, r);
      for (int c = 0; c < sum.length; c++) {
        sum[c] += other[c];
      }
      store(out, r, sum);
    }
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
    float[] gains = Numbers.row(this, gain, 0);
    float[] biases = Numbers.row(this, bias, 0);
    for (int r = 0; r < x.rows(); r++) {
      float[] row = Numbers.row(this, x, r);
      float[] y = new float[row.length];
      float[] root = new float[1];
      float[] unscaled = new float[row.length];
      call(layerNorm, row.length, row, gains, biases, (float) epsilon, y, root, unscaled);
      store(out, r, y);
      store(Objects.requireNonNull(scale), r, root);
      store(Objects.requireNonNull(normalized), r, unscaled);
    }
  }

  @Override
  public void normalize(Array x, Array scale, Array out) {
    for (int r = 0; r < x.rows(); r++) {
      float[] row = Numbers.row(this, x, r);
      float[] y = new float[row.length];
      call(normalize, row.length, row, Numbers.row(this, scale, r)[0], y);
      store(out, r, y);
    }
  }

  @Override
  public void affine(Array x, Array gain, Array bias, Array out) {
    float[] gains = Numbers.row(this, gain, 0);
    float[] biases = Numbers.row(this, bias, 0);
    for (int r = 0; r < x.rows(); r++) {
      float[] row = Numbers.row(this, x, r);
      float[] y = new float[row.length];
      call(affine, row.length, row, gains, biases, y);
      store(out, r, y);
    }
  }

  @Override
  public void product(Array x, Matrix matrix, @Nullable Array bias, Array out) {
    float[] y = new float[out.rows() * out.columns()];
    float[] biases = bias == null ? new float[0] : Numbers.row(this, bias, 0);
    call(
        product,
        x.rows(),
        matrix.in(),
        matrix.out(),
        matrix.block(),
        Numbers.numbers(this, x),
        ((Weights) matrix).rowMajor(),
        biases,
        bias == null ? 0 : 1,
        y);
    for (int r = 0; r < out.rows(); r++) {
      write(out, r, 0, out.columns(), y, r * out.columns());
    }
  }

  @Override
  public void blocks(Array x, Matrix matrix, Array out) {
    float[] y = new float[out.rows() * out.columns()];
    call(
        blocks,
        x.rows(),
        matrix.in(),
        matrix.out(),
        matrix.block(),
        Numbers.numbers(this, x),
        ((Weights) matrix).rowMajor(),
        y);
    for (int r = 0; r < out.rows(); r++) {
      write(out, r, 0, out.columns(), y, r * out.columns());
    }
  }

  @Override
  public void activate(Activation activation, Array x, Array out) {
    for (int r = 0; r < x.rows(); r++) {
      float[] row = Numbers.row(this, x, r);
      float[] y = new float[row.length];
      call(activate, KINDS.indexOf(activation), row.length, row, y);
      store(out, r, y);
    }
  }

  @Override
  public void attend(int heads, double scale, Array q, List<Span> spans, Array z) {
    int size = q.columns() / heads;
    for (Span span : spans) {
      for (int row = 0; row < heads * span.count(); row++) {
        int head = row / span.count();
        int query = span.row() + row % span.count();
        int keys = span.position() + row % span.count() + 1;
        float[] scores = new float[keys];
        float[] pattern = new float[keys];
        float[] mixed = new float[size];
        call(
            attend,
            keys,
            size,
            size,
            (float) scale,
            head(q.rows(query, query + 1), head, size),
            head(span.keys().rows(0, keys), head, size),
            head(span.values().rows(0, keys), head, size),
            scores,
            pattern,
            mixed);
        write(z, query, head * size, size, mixed, 0);
        storeSeen(span.scores(), row, scores, Float.NEGATIVE_INFINITY);
        storeSeen(span.pattern(), row, pattern, 0);
      }
    }
  }

  private float[] head(Array array, int head, int size) {
    return Numbers.numbers(this, array.columns(head * size, (head + 1) * size));
  }

  private void storeSeen(@Nullable Array array, int row, float[] seen, float unseen) {
    if (array != null) {
      float[] numbers = new float[array.columns()];
      for (int k = 0; k < numbers.length; k++) {
        numbers[k] = k < seen.length ? seen[k] : unseen;
      }
      store(array, row, numbers);
    }
  }

  @Override
  public void mix(int heads, List<Span> spans, Array z) {
    int size = z.columns() / heads;
    for (Span span : spans) {
      for (int row = 0; row < heads * span.count(); row++) {
        int head = row / span.count();
        int keys = span.position() + row % span.count() + 1;
        float[] pattern = Numbers.row(this, Shapes.pattern(span), row);
        float[] mixed = new float[size];
        call(mix, keys, size, size, pattern, head(span.values().rows(0, keys), head, size), mixed);
        write(z, span.row() + row % span.count(), head * size, size, mixed, 0);
      }
    }
  }

  @Override
  public void softmax(Array x, Array out) {
    eachRow(softmax, x, out);
  }

  @Override
  public void logSoftmax(Array x, Array out) {
    eachRow(logSoftmax, x, out);
  }

  private void eachRow(MethodHandle function, Array x, Array out) {
    for (int r = 0; r < x.rows(); r++) {
      float[] row = Numbers.row(this, x, r);
      float[] y = new float[row.length];
      call(function, row.length, row, y);
      store(out, r, y);
    }
  }

  @Override
  public void close() {}
}
