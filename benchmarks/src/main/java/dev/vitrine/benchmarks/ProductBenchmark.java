package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Source;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The products of GPT-2 small, one by one, on any backend: a row's is bound by memory, many rows'
 * by arithmetic. A number is read back each time, as a device returns before it is done; {@link
 * #nothing} is what that costs by itself.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls open() first
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class ProductBenchmark {

  /** The number of rows. */
  @Param({"1", "16", "256", "1024"})
  public int rows;

  /** The weight's shape, in × out. */
  @Param({"768x2304", "768x768", "768x3072", "3072x768", "768x50257"})
  public String shape;

  /** The backend that computes. */
  @Param({"simd", "cuda"})
  public String backend;

  private final float[] number = new float[1];
  private Backend open;
  private Array x;
  private Matrix matrix;
  private Array out;

  /** Packs the weight. */
  @Setup
  public void open() {
    int cross = shape.indexOf('x');
    int in = Integer.parseInt(shape.substring(0, cross));
    int columns = Integer.parseInt(shape.substring(cross + 1));
    open = Backends.open(backend, 0);
    x = open.rows(rows, in);
    for (int r = 0; r < rows; r++) {
      float[] row = new float[in];
      for (int i = 0; i < in; i++) {
        row[i] = (i + r) % 7 - 3;
      }
      open.write(x, r, 0, in, row, 0);
    }
    matrix = open.pack(new Sevens(in, columns), 128);
    out = open.rows(rows, columns);
  }

  private record Sevens(int rows, int columns) implements Source {
    @Override
    public void read(int row, int from, int count, float[] into, int at) {
      for (int c = 0; c < count; c++) {
        into[at + c] = 0.125f * ((row + from + c) % 7 - 3);
      }
    }
  }

  /** Closes the backend. */
  @TearDown
  public void close() {
    open.close();
  }

  /** A product, and a number of it. */
  @Benchmark
  public float product() {
    open.product(x, matrix, null, out);
    return nothing();
  }

  /** A number. */
  @Benchmark
  public float nothing() {
    open.read(out, 0, 0, 1, number, 0);
    return number[0];
  }
}
