package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Span;
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
 * The attention of a layer of GPT-2 small: all queries of a prompt, or one behind it. Each call
 * takes the keys and values of the next of twelve layers, as a pass does.
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
public class AttentionBenchmark {
  private static final int LAYERS = 12;
  private static final int HEADS = 12;
  private static final int SIZE = 64;

  /** The length of the prompt. */
  @Param({"16", "64", "256", "1024"})
  public int tokens;

  /** The backend that computes. */
  @Param({"simd"})
  public String backend;

  /** How many threads share the work. */
  @Param({"2"})
  public int threads;

  private Backend open;
  private final List<List<Span>> prompts = new ArrayList<>();
  private final List<List<Span>> last = new ArrayList<>();
  private int next;
  private Array q;
  private Array z;

  static Work work(BenchmarkParams params) {
    double tokens = Double.parseDouble(params.getParam("tokens"));
    boolean prompt = params.getBenchmark().endsWith("attend");
    double pairs = prompt ? tokens * (tokens + 1) / 2 : tokens;
    double queries = prompt ? tokens : 1;
    double remembered = 2 * 4 * tokens * HEADS * SIZE;
    return new Work(
        "%-20s %5.0f x %.0f keys".formatted("attention", queries, tokens),
        4 * pairs * HEADS * SIZE,
        remembered + 2 * 4 * queries * HEADS * SIZE,
        LAYERS * remembered);
  }

  /** Fills keys and values. */
  @Setup
  public void open() {
    open = Backends.open(backend, threads);
    q = open.rows(tokens, HEADS * SIZE);
    z = open.rows(tokens, HEADS * SIZE);
    Ramp.fill(open, q);
    for (int layer = 0; layer < LAYERS; layer++) {
      Array keys = open.keys(tokens, HEADS, SIZE);
      Array values = open.values(tokens, HEADS, SIZE);
      open.copy(q, 0, keys, 0, tokens);
      open.copy(q, 0, values, 0, tokens);
      prompts.add(List.of(new Span(0, tokens, 0, keys, values)));
      last.add(List.of(new Span(0, 1, tokens - 1, keys, values)));
    }
  }

  /** Closes the backend. */
  @TearDown
  public void close() {
    open.close();
  }

  /** All queries of the prompt. */
  @Benchmark
  public Array attend() {
    next = (next + 1) % LAYERS;
    open.attend(HEADS, 0.125, q, prompts.get(next), z);
    return z;
  }

  /** The last query alone, as in decoding. */
  @Benchmark
  public Array attendOne() {
    next = (next + 1) % LAYERS;
    open.attend(HEADS, 0.125, q, last.get(next), z);
    return z;
  }
}
