package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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

/**
 * From a safetensors file of GPT-2 small's shape to a model that can run. The file has just been
 * written, so that it comes from the page cache: what is timed is reading and packing.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls write() first
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseTransparentHugePages"})
@Warmup(iterations = 3)
@Measurement(iterations = 3)
public class LoadBenchmark {

  /** The backend that computes. */
  @Param({"simd"})
  public String backend;

  /** How many threads share the work. */
  @Param({"2"})
  public int threads;

  private Path directory;
  private Gpt2 model;

  /** The file is read, and what is packed is written. */
  static Work work(BenchmarkParams params) {
    return new Work("load", 0, 2 * 4 * (double) RandomWeights.COUNT);
  }

  /** Writes the file. */
  @Setup
  public void write() throws IOException {
    directory = RandomWeights.write(1);
  }

  /** Deletes it. */
  @TearDown
  public void delete() throws IOException {
    RandomWeights.delete(directory);
  }

  /** Closes the model that was loaded, whose memory the next one may then take. */
  @TearDown(Level.Iteration)
  public void close() {
    model.close();
  }

  /** A model. */
  @Benchmark
  public Gpt2 load() {
    model = Gpt2.load(directory.toString(), Backends.open(backend, threads));
    return model;
  }
}
