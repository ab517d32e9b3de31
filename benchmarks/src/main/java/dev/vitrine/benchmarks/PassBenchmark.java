package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** GPT-2 small's shape: reading a prompt, and decoding one token behind it. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls load() first
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
public class PassBenchmark {

  /** The number of tokens of the prompt. */
  @Param({"16", "64", "256", "1023"})
  public int tokens;

  /** The backend that computes. */
  @Param({"simd"})
  public String backend;

  /** How many threads share the work. */
  @Param({"2"})
  public int threads;

  private Gpt2 model;
  private Tokens prompt;
  private Trace trace;

  /** Writes the weights, loads them, and reads the prompt once. */
  @Setup
  public void load() throws IOException {
    Path directory = RandomWeights.write(1);
    model = Gpt2.load(directory.toString(), Backends.open(backend, threads));
    Files.delete(directory.resolve("model.safetensors"));
    Files.delete(directory.resolve("config.json"));
    Files.delete(directory);
    int[] ids = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      ids[i] = i * 31 % RandomWeights.VOCAB;
    }
    prompt = model.tokens(ids);
    trace = model.trace(prompt);
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

  /** One further token, and its logits. */
  @Benchmark
  public Tensor decode() {
    return trace.extended(7).logits(-1);
  }
}
