package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
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
 * What GPT-2 small does row by row. As in a pass, where the step before has just written them, the
 * rows of a short prompt are in a cache.
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
public class RowBenchmark {

  /** The operations of exp as the contract counts them: 9 fused multiply-adds and 3 others. */
  private static final int EXP = 21;

  /** What is done to a row. */
  public enum Operation {
    ADD(768, 1, 2),
    LAYER_NORM(768, 1 + 3 + 4, 2),
    GELU_NEW(3072, EXP + 7, 2),
    GELU(3072, EXP + 33, 2),
    SOFTMAX(50257, EXP + 3, 2),
    LOG_SOFTMAX(50257, EXP + 4, 2);

    private final int columns;
    private final int operations;
    private final int passes;

    /**
     * One of them.
     *
     * @param columns GPT-2 small's
     * @param operations floating-point operations for an element
     * @param passes how many arrays are read or written
     */
    Operation(int columns, int operations, int passes) {
      this.columns = columns;
      this.operations = operations;
      this.passes = passes;
    }
  }

  /** What is done to a row. */
  @Param public Operation operation;

  /** The rows of the pass. */
  @Param({"1", "16", "64", "256", "1024"})
  public int rows;

  /** The backend that computes. */
  @Param({"simd"})
  public String backend;

  /** How many threads share the work. */
  @Param({"2"})
  public int threads;

  private Backend open;
  private Array x;
  private Array gain;
  private Array out;

  static Work work(BenchmarkParams params) {
    Operation operation = Operation.valueOf(params.getParam("operation"));
    double elements = Double.parseDouble(params.getParam("rows")) * operation.columns;
    return new Work(
        "%-20s %5s x %d".formatted(operation, params.getParam("rows"), operation.columns),
        operation.operations * elements,
        4 * operation.passes * elements);
  }

  /** Fills the rows. */
  @Setup
  public void open() {
    open = Backends.open(backend, threads);
    x = open.rows(rows, operation.columns);
    gain = open.rows(1, operation.columns);
    out = open.rows(rows, operation.columns);
    Ramp.fill(open, x);
    Ramp.fill(open, gain);
  }

  /** Closes the backend. */
  @TearDown
  public void close() {
    open.close();
  }

  /** One operation on all rows. */
  @Benchmark
  public Array row() {
    switch (operation) {
      case ADD -> open.add(x, x, out);
      case LAYER_NORM -> open.layerNorm(x, gain, gain, 1e-5, out, null, null);
      case GELU_NEW -> open.activate(Activation.GELU_NEW, x, out);
      case GELU -> open.activate(Activation.GELU, x, out);
      case SOFTMAX -> open.softmax(x, out);
      case LOG_SOFTMAX -> open.logSoftmax(x, out);
    }
    return out;
  }
}
