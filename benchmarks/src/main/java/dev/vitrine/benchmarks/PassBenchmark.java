package dev.vitrine.benchmarks;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Trace;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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

/** GPT-2 small's shape: reading a prompt, and decoding one token behind it. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls load() first
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseTransparentHugePages"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 3)
public class PassBenchmark {

  /** The number of tokens of the prompt, and up to which decoding goes on from half of them. */
  @Param({"16", "64", "256", "1024"})
  public int tokens;

  /** The backend that computes. */
  @Param({"simd"})
  public String backend;

  /** How many threads share the work. */
  @Param({"2"})
  public int threads;

  private Gpt2 model;
  private Tokens prompt;

  /**
   * Of a pass: the products, and the attention of every query. The bytes are the weights', which
   * are more than those of what is computed from them.
   */
  static Work work(BenchmarkParams params) {
    String name = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
    double tokens = Double.parseDouble(params.getParam("tokens"));
    double rows = name.equals("decode") ? 1 : tokens;
    double logits = name.startsWith("prefill") || name.equals("decode") ? 1 : rows;
    double pairs = name.equals("decode") ? 0.75 * tokens : tokens * (tokens + 1) / 2;
    double attention = 4 * pairs * RandomWeights.WIDTH * RandomWeights.LAYERS;
    return new Work(
        "%-20s %5.0f tokens".formatted(name, tokens),
        2 * rows * RandomWeights.IN_BLOCKS + 2 * logits * RandomWeights.IN_UNEMBEDDING + attention,
        4.0 * (RandomWeights.IN_BLOCKS + RandomWeights.IN_UNEMBEDDING));
  }

  /** Makes the model, and reads the prompt once. */
  @Setup
  public void load() throws IOException {
    model = RandomWeights.model(backend, threads);
    prompt = RandomWeights.prompt(model, tokens);
  }

  /** Closes the model. */
  @TearDown
  public void close() {
    model.close();
  }

  /** A whole trace, and the logits of its last position. */
  @Benchmark
  public Tensor prefill() {
    return model.trace(prompt).logits(-1);
  }

  /**
   * A text that grows. It is begun anew outside of what is timed: to extend one trace twice would
   * be a fork, which copies what both go on from.
   */
  @State(Scope.Benchmark)
  public static class Growing {
    private @Nullable Trace trace;

    /** Begins anew when the text is whole. */
    @Setup(Level.Invocation)
    public void begin(PassBenchmark pass) {
      if (trace == null || trace.size() == pass.tokens) {
        trace = pass.model.trace(RandomWeights.prompt(pass.model, pass.tokens / 2));
      }
    }
  }

  /** One further token, and its logits. */
  @Benchmark
  public Tensor decode(Growing growing) {
    Trace next = Objects.requireNonNull(growing.trace).extended(7);
    growing.trace = next;
    return next.logits(-1);
  }
}
