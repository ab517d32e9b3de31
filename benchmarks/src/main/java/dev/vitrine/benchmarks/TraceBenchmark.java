package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Span;
import dev.vitrine.model.ForwardPass;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Memory;
import dev.vitrine.model.Watch;
import dev.vitrine.model.Workspace;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * What looking costs, with the logits of every position: a run that keeps nothing and writes each
 * layer's tensors over those of the layer before; a trace, which keeps what all else is made from;
 * and one whose every site is written out as well.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls open() first
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseTransparentHugePages"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 3)
public class TraceBenchmark {

  /** The length of the prompt. */
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
  private int[] positions;
  private Workspace workspace;
  private Memory memory;
  private List<Site> sites;

  static Work work(BenchmarkParams params) {
    return PassBenchmark.work(params);
  }

  /** Makes the model, and room for a run that keeps nothing. */
  @Setup
  public void open() throws IOException {
    model = RandomWeights.model(backend, threads);
    prompt = RandomWeights.prompt(model, tokens);
    positions = IntStream.range(0, tokens).toArray();
    sites = Site.all(model.config());
    Backend open = model.backend();
    workspace = new Workspace(open);
    Array keys = open.keys(tokens, model.config().heads(), model.config().dHead());
    Array values = open.values(tokens, model.config().heads(), model.config().dHead());
    memory =
        (layer, k, v) -> {
          open.copy(k, 0, keys, 0, tokens);
          open.copy(v, 0, values, 0, tokens);
          return List.of(new Span(0, tokens, 0, keys, values));
        };
  }

  /** Closes the model. */
  @TearDown
  public void close() {
    model.close();
  }

  /** The forward pass by itself. */
  @Benchmark
  public Array plain() {
    ForwardPass pass = model.forwardPass(workspace);
    Array resid = pass.embed(prompt.ids(), positions, Watch.NOBODY);
    for (int layer = 0; layer < model.config().layers(); layer++) {
      resid = pass.block(layer, resid, memory, Watch.NOBODY);
      workspace.reuseAllBut(resid);
    }
    Array logits = model.forwardPass(workspace).unembed(resid, Watch.NOBODY);
    workspace.reuseAllBut(logits);
    return logits;
  }

  /** A trace. */
  @Benchmark
  public Tensor trace() {
    return model.trace(prompt).logits();
  }

  /** A trace whose every site is written out. */
  @Benchmark
  public Batch everySite() {
    return model.traces(List.of(prompt), sites);
  }
}
