package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Precision;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Times this project beside its peers: the same model, the same token ids, the same figures, one
 * JSON object a line. See {@code benchmarks/peers}.
 */
public final class PeerRun {
  private static final int[] LENGTHS = {16, 64, 256, 1024};
  private static final int PROMPT = 32;
  private static final int NEW = 128;
  private static final int WARM_MILLIS = 3000;

  private final Gpt2 model;
  private final int[] ids;
  private final int threads;
  private final String variant;
  private final Path out;
  private final long budget;

  private PeerRun(Gpt2 model, int[] ids, int threads, String variant, Path out, long budget) {
    this.model = model;
    this.ids = ids;
    this.threads = threads;
    this.variant = variant;
    this.out = out;
    this.budget = budget;
  }

  /**
   * Runs all figures, or once from start to the first token.
   *
   * @param args the model's directory, how many threads, the file of token ids, where to append the
   *     figures, milliseconds of timing for each, which rows of {@code prefill,trace,decode} or
   *     {@code cold}, and how the weights are held
   */
  public static void main(String[] args) throws IOException {
    String[] words = Files.readString(Path.of(args[2])).strip().split("\\s+", -1);
    int[] ids = Arrays.stream(words).mapToInt(Integer::parseInt).toArray();
    int threads = Integer.parseInt(args[1]);
    List<String> rows = Arrays.asList(args[5].split(",", -1));
    Precision precision = Precision.valueOf(args[6].toUpperCase(Locale.ROOT));
    try (Gpt2 model = Gpt2.load(args[0], Backends.open("auto", threads), precision)) {
      int first = best(model.trace(model.tokens(Arrays.copyOf(ids, 16))));
      System.out.println("argmax " + first);
      PeerRun run =
          new PeerRun(model, ids, threads, args[6], Path.of(args[3]), Long.parseLong(args[4]));
      if (rows.contains("prefill")) {
        run.prefill();
      }
      if (rows.contains("trace")) {
        run.looking();
      }
      if (rows.contains("decode")) {
        run.decode();
      }
    }
  }

  private void prefill() throws IOException {
    for (int length : LENGTHS) {
      Tokens prompt = prompt(length);
      put("prefill_all", length, "ms", timed(() -> model.trace(prompt).logits()));
      put("prefill_last", length, "ms", timed(() -> model.trace(prompt).logits(-1)));
    }
  }

  /** A plain run, one whose every site is then looked at, in turn so that drift hits both alike. */
  private void looking() throws IOException {
    for (int length : new int[] {16, 64, 256}) {
      Tokens prompt = prompt(length);
      List<Site> sites = Site.all(model.config());
      Runnable plain = () -> model.trace(prompt).logits();
      Runnable all = () -> model.traces(List.of(prompt), sites);
      put("plain_forward", length, "ms", timed(plain));
      put("every_site", length, "ms", timed(all));
    }
  }

  private void decode() throws IOException {
    decodeOnce();
    double[] tokens = new double[5];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = decodeOnce();
    }
    put("decode", PROMPT + NEW, "tok/s", tokens);
  }

  private double decodeOnce() {
    Trace trace = model.trace(prompt(PROMPT));
    int next = best(trace);
    long start = System.nanoTime();
    for (int i = 0; i < NEW; i++) {
      trace = trace.extended(next);
      next = best(trace);
    }
    return NEW / ((System.nanoTime() - start) / 1e9);
  }

  private Tokens prompt(int length) {
    return model.tokens(Arrays.copyOf(ids, length));
  }

  private static int best(Trace trace) {
    return trace.predictions().first();
  }

  /** Milliseconds of each call: some thrown away, then five at least, until the budget is spent. */
  private double[] timed(Runnable run) {
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

  private void put(String row, int param, String unit, double[] values) throws IOException {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double median = sorted[sorted.length / 2];
    String line =
        String.format(
            Locale.ROOT,
            "{\"peer\": \"vitrine\", \"version\": \"%s\", \"variant\": \"%s\", \"row\": \"%s\","
                + " \"param\": %d, \"threads\": %d, \"unit\": \"%s\", \"median\": %.4f,"
                + " \"min\": %.4f, \"max\": %.4f, \"n\": %d}%n",
            model.backend().name(),
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
