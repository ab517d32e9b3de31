package dev.vitrine.benchmarks;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the machine can do at best: multiply-adds in registers, and one pass over memory. The other
 * benchmarks are fractions of these.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls fill() first
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Threads(2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseTransparentHugePages"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CeilingBenchmark {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Twelve chains of so many steps: {@code 24 · STEPS · lanes} floating-point operations. */
  static final int STEPS = 100_000;

  /** So many bytes are read by each of two threads. */
  static final long BYTES = 256L << 20;

  private float[] memory;

  /** Touches the memory. */
  @Setup
  public void fill() {
    memory = new float[(int) (BYTES / Float.BYTES)];
    Arrays.fill(memory, 1f);
  }

  /** Floating-point operations of one call of {@link #multiplyAdd}. */
  static double operations() {
    return 24.0 * STEPS * SPECIES.length();
  }

  /** Multiply-adds that need no memory. */
  @Benchmark
  public float multiplyAdd() {
    FloatVector m = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector q = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a = m;
    FloatVector b = m;
    FloatVector c = m;
    FloatVector d = m;
    FloatVector e = m;
    FloatVector f = m;
    FloatVector g = m;
    FloatVector h = m;
    FloatVector i = m;
    FloatVector j = m;
    FloatVector k = m;
    FloatVector l = m;
    for (int step = 0; step < STEPS; step++) {
      a = a.fma(m, q);
      b = b.fma(m, q);
      c = c.fma(m, q);
      d = d.fma(m, q);
      e = e.fma(m, q);
      f = f.fma(m, q);
      g = g.fma(m, q);
      h = h.fma(m, q);
      i = i.fma(m, q);
      j = j.fma(m, q);
      k = k.fma(m, q);
      l = l.fma(m, q);
    }
    return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }

  /** One pass over memory that no cache holds. */
  @Benchmark
  public float read() {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    int lanes = SPECIES.length();
    for (int i = 0; i <= memory.length - 2 * lanes; i += 2 * lanes) {
      a = a.add(FloatVector.fromArray(SPECIES, memory, i));
      b = b.add(FloatVector.fromArray(SPECIES, memory, i + lanes));
    }
    return a.add(b).lane(0);
  }
}
