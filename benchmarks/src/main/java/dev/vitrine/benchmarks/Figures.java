package dev.vitrine.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;

/**
 * Figures to be compared with those of peers, one JSON object a line.
 *
 * @param out the file that they are appended to
 * @param backend what computes
 * @param variant how the weights are held
 * @param threads how many threads share the work
 * @param budget milliseconds of timing for each figure
 */
record Figures(Path out, String backend, String variant, int threads, long budget) {
  private static final int WARM_MILLIS = 3000;

  /** Milliseconds of each call: some thrown away, then five at least, until the budget is spent. */
  double[] timed(Runnable run) {
    long warm = System.nanoTime() + WARM_MILLIS * 1_000_000L;
    do {
      run.run();
    } while (System.nanoTime() < warm);
    double[] millis = new double[200];
    int n = 0;
    long end = System.nanoTime() + budget * 1_000_000L;
    while (n < 5 || (System.nanoTime() < end && n < millis.length)) {
      long start = System.nanoTime();
      run.run();
      millis[n++] = (System.nanoTime() - start) / 1e6;
    }
    return Arrays.copyOf(millis, n);
  }

  /** Writes a figure: the median, the least and the greatest of some values. */
  void put(String row, Object param, String unit, double[] values) throws IOException {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double median = sorted[sorted.length / 2];
    String line =
        String.format(
            Locale.ROOT,
            "{\"peer\": \"vitrine\", \"version\": \"%s\", \"variant\": \"%s\", \"row\": \"%s\","
                + " \"param\": \"%s\", \"threads\": %d, \"unit\": \"%s\", \"median\": %.4f,"
                + " \"min\": %.4f, \"max\": %.4f, \"n\": %d}%n",
            backend,
            variant,
            row,
            param,
            threads,
            unit,
            median,
            sorted[0],
            sorted[sorted.length - 1],
            sorted.length);
    System.out.print(line);
    Files.writeString(out, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
