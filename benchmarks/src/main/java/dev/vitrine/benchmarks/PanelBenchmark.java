package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.kernels.Precision;
import java.util.ArrayList;
import java.util.List;
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
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * The matrix products of GPT-2 small. Each call takes the next of several matrices, as a forward
 * pass does: one that stays in the cache would measure the cache.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls open() first
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseTransparentHugePages"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class PanelBenchmark {
  private static final long WEIGHTS = 48L << 20;

  /** {@code in x out}: QKV, W_O, W_in, W_out, the unembedding. */
  @Param({"768x2304", "768x768", "768x3072", "3072x768", "768x50257"})
  public String shape;

  /** The rows of the pass. */
  @Param({"1", "16", "64", "256", "1024"})
  public int rows;

  /** How the weights are held. */
  @Param({"F32"})
  public Precision weights;

  /** How many threads share the work. */
  @Param({"2"})
  public int threads;

  private Backend backend;
  private final List<Matrix> matrices = new ArrayList<>();
  private int next;
  private Array x;
  private Array bias;
  private Array out;

  static Work work(BenchmarkParams params) {
    String shape = params.getParam("shape");
    double rows = Double.parseDouble(params.getParam("rows"));
    double weight = (double) Shape.in(shape) * Shape.out(shape);
    Precision precision = Precision.valueOf(params.getParam("weights"));
    double each =
        switch (precision) {
          case F32 -> 4;
          case BF16 -> 2;
          case INT8 -> 1 + 2.0 / Precision.GROUP;
        };
    String name = params.getBenchmark().endsWith("Gelu") ? "product, GELU_NEW" : "product";
    return new Work(
        "%-20s %5.0f x %s%s"
            .formatted(name, rows, shape, precision == Precision.F32 ? "" : " " + precision),
        2 * rows * weight,
        each * weight + 4 * rows * (Shape.in(shape) + Shape.out(shape)),
        each * weight * Math.ceil(WEIGHTS / weight));
  }

  /** Packs the matrices. */
  @Setup
  public void open() {
    backend = Backends.open("simd", threads);
    int in = Shape.in(shape);
    int columns = Shape.out(shape);
    for (long held = 0; held < WEIGHTS; held += (long) in * columns) {
      matrices.add(backend.pack(new Ramp(in, columns), 128, weights));
    }
    x = backend.rows(rows, in);
    bias = backend.rows(1, columns);
    out = backend.rows(rows, columns);
    Ramp.fill(backend, x);
  }

  /** Closes the backend. */
  @TearDown
  public void close() {
    backend.close();
  }

  /** A product and its bias. */
  @Benchmark
  public Array product() {
    backend.product(x, nextMatrix(), bias, out);
    return out;
  }

  /** A product, its bias, and GELU. */
  @Benchmark
  public Array productAndGelu() {
    backend.product(x, nextMatrix(), bias, Activation.GELU_NEW, out);
    return out;
  }

  private Matrix nextMatrix() {
    next = (next + 1) % matrices.size();
    return matrices.get(next);
  }
}
