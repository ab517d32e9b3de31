package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Precision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the kernels' benchmarks and says of each what fraction of the machine's ceilings it is. */
public final class KernelReport {
  private KernelReport() {}

  /** Takes JMH's own options, such as {@code -p rows=64}. */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    Collection<RunResult> ceilings = run(CeilingBenchmark.class, new String[0]);
    double peak = 0;
    double bandwidth = 0;
    for (RunResult ceiling : ceilings) {
      double micros = ceiling.getPrimaryResult().getScore();
      if (ceiling.getParams().getBenchmark().endsWith("multiplyAdd")) {
        peak = 2 * CeilingBenchmark.operations() / micros / 1e3;
      } else {
        bandwidth = 2 * CeilingBenchmark.BYTES / micros / 1e3;
      }
    }
    List<String> lines = new ArrayList<>();
    for (RunResult result : run(PanelBenchmark.class, args)) {
      lines.add(line(result, peak, bandwidth));
    }
    System.out.printf("peak %.0f GFLOP/s, memory %.1f GB/s%n", peak, bandwidth);
    lines.forEach(System.out::println);
  }

  private static Collection<RunResult> run(Class<?> benchmark, String[] args)
      throws RunnerException, CommandLineOptionException {
    return new Runner(
            new OptionsBuilder()
                .parent(new CommandLineOptions(args))
                .include(benchmark.getSimpleName())
                .build())
        .run();
  }

  private static String line(RunResult result, double peak, double bandwidth) {
    String shape = result.getParams().getParam("shape");
    int rows = Integer.parseInt(result.getParams().getParam("rows"));
    Precision weights = Precision.valueOf(result.getParams().getParam("weights"));
    double micros = result.getPrimaryResult().getScore();
    double weight = (double) Shape.in(shape) * Shape.out(shape);
    double bytes =
        switch (weights) {
          case F32 -> 4;
          case BF16 -> 2;
          case INT8 -> 1 + 2.0 / Precision.GROUP;
        };
    String name = result.getParams().getBenchmark();
    return "%-14s %-10s %5d rows, %-4s %10.1f µs  %4.2f of the peak  %4.2f of the bandwidth"
        .formatted(
            name.substring(name.lastIndexOf('.') + 1),
            shape,
            rows,
            weights,
            micros,
            2 * rows * weight / micros / 1e3 / peak,
            bytes * weight / micros / 1e3 / bandwidth);
  }
}
