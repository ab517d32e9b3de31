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

  private final Gpt2 model;
  private final int[] ids;
  private final Figures figures;

  private PeerRun(Gpt2 model, int[] ids, Figures figures) {
    this.model = model;
    this.ids = ids;
    this.figures = figures;
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
      String backend = model.backend().name();
      PeerRun run =
          new PeerRun(
              model,
              ids,
              new Figures(Path.of(args[3]), backend, args[6], threads, Long.parseLong(args[4])));
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
      figures.put("prefill_all", length, "ms", figures.timed(() -> model.trace(prompt).logits()));
      figures.put(
          "prefill_last", length, "ms", figures.timed(() -> model.trace(prompt).logits(-1)));
    }
  }

  /** A plain run, one whose every site is then looked at, in turn so that drift hits both alike. */
  private void looking() throws IOException {
    for (int length : new int[] {16, 64, 256}) {
      Tokens prompt = prompt(length);
      List<Site> sites = Site.all(model.config());
      Runnable plain = () -> model.trace(prompt).logits();
      Runnable all = () -> model.traces(List.of(prompt), sites);
      figures.put("plain_forward", length, "ms", figures.timed(plain));
      figures.put("every_site", length, "ms", figures.timed(all));
    }
  }

  private void decode() throws IOException {
    decodeOnce();
    double[] tokens = new double[5];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = decodeOnce();
    }
    figures.put("decode", PROMPT + NEW, "tok/s", tokens);
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
}
