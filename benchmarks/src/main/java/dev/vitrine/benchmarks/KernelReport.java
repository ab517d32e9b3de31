package dev.vitrine.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs the benchmarks of kernels and passes, and says of each what fraction it is of what the
 * machine can do at best, measured just before.
 */
public final class KernelReport {
  private static final Map<String, Function<BenchmarkParams, Work>> WORK =
      Map.of(
          "PanelBenchmark", PanelBenchmark::work,
          "RowBenchmark", RowBenchmark::work,
          "AttentionBenchmark", AttentionBenchmark::work,
          "PassBenchmark", PassBenchmark::work,
          "TraceBenchmark", TraceBenchmark::work,
          "LoadBenchmark", LoadBenchmark::work);

  private static final String ALL = String.join("|", WORK.keySet());

  private final boolean quick;
  private double peak;
  private double bandwidth;

  private KernelReport(boolean quick) {
    this.quick = quick;
  }

  /**
   * Takes JMH's own options and patterns, such as {@code RowBenchmark -p rows=64}; {@code --quick}
   * for one process of each and three seconds.
   */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    List<String> options = new ArrayList<>(Arrays.asList(args));
    KernelReport report = new KernelReport(options.remove("--quick"));
    report.print(new CommandLineOptions(options.toArray(String[]::new)));
  }

  private void print(CommandLineOptions options) throws RunnerException {
    measureCeilings();
    OptionsBuilder builder = new OptionsBuilder();
    builder.parent(options);
    if (options.getIncludes().isEmpty()) {
      builder.include(ALL);
    }
    Collection<RunResult> results = run(builder);
    System.out.printf(
        Locale.ROOT, "%npeak %.0f GFLOP/s, memory %.1f GB/s (two threads)%n%n", peak, bandwidth);
    System.out.printf(
        "%-40s %8s %12s %6s %8s %13s%n", "", "MiB", "µs", "±", "of peak", "of bandwidth");
    for (RunResult result : results) {
      System.out.println(line(result));
    }
  }

  private void measureCeilings() throws RunnerException {
    OptionsBuilder builder = new OptionsBuilder();
    builder.include(CeilingBenchmark.class.getSimpleName());
    for (RunResult ceiling : run(builder)) {
      // A ceiling is what was reached once, whoever disturbed it afterwards.
      double micros = ceiling.getPrimaryResult().getStatistics().getMin();
      if (ceiling.getParams().getBenchmark().endsWith("multiplyAdd")) {
        peak = 2 * CeilingBenchmark.operations() / micros / 1e3;
      } else {
        bandwidth = 2 * CeilingBenchmark.BYTES / micros / 1e3;
      }
    }
  }

  private Collection<RunResult> run(ChainedOptionsBuilder builder) throws RunnerException {
    if (quick) {
      builder
          .forks(1)
          .warmupIterations(5)
          .warmupTime(TimeValue.milliseconds(500)) // less, and the compiler is still at work
          .measurementIterations(3)
          .measurementTime(TimeValue.milliseconds(300))
          .verbosity(VerboseMode.SILENT);
    }
    return new Runner(builder.build()).run();
  }

  private String line(RunResult result) {
    BenchmarkParams params = result.getParams();
    String type = params.getBenchmark().substring(0, params.getBenchmark().lastIndexOf('.'));
    Function<BenchmarkParams, Work> described = WORK.get(type.substring(type.lastIndexOf('.') + 1));
    Statistics statistics = result.getPrimaryResult().getStatistics();
    double micros = result.getPrimaryResult().getScore();
    if (described == null) {
      return "%-40s %8s %12.1f".formatted(params.getBenchmark(), "", micros);
    }
    Work work = described.apply(params);
    return String.format(
        Locale.ROOT,
        "%-40s %8.1f %12.1f %5.0f%% %8s %13.2f",
        work.what(),
        work.held() / (1 << 20),
        micros,
        100 * (statistics.getMax() - statistics.getMin()) / 2 / micros,
        work.operations() == 0
            ? ""
            : String.format(Locale.ROOT, "%.2f", work.operations() / micros / 1e3 / peak),
        work.bytes() / micros / 1e3 / bandwidth);
  }
}
