package dev.vitrine.benchmarks;

import dev.vitrine.analysis.patching.Metric;
import dev.vitrine.analysis.patching.Patching;
import dev.vitrine.analysis.patching.edges.EdgeEffects;
import dev.vitrine.analysis.patching.edges.EdgePatching;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.trace.Batch;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Times patching sweeps on a model of GPT-2 small's shape and a pair of prompts of 16 tokens: every
 * layer × position of the residual stream, every head at all positions, and, if asked, every edge.
 */
public final class Sweeps {
  private static final int TOKENS = 16;

  private Sweeps() {}

  /**
   * Prints a line for each sweep.
   *
   * @param arguments a model's directory, or {@code random}; how often to repeat; {@code edges} to
   *     patch every edge, too
   */
  public static void main(String[] arguments) throws Exception {
    String place = arguments.length > 0 ? arguments[0] : "random";
    int repeats = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    boolean edges = arguments.length > 2 && arguments[2].equals("edges");
    Path directory = place.equals("random") ? RandomWeights.write(1) : Path.of(place);
    try (Gpt2 model = Gpt2.load(directory.toString(), Backends.open("simd", 0))) {
      SplittableRandom random = new SplittableRandom(7);
      Batch clean = prompt(model, random);
      Batch corrupted = prompt(model, random);
      Metric metric = Metric.logitDifference(11, 22);
      for (int i = 0; i < repeats; i++) {
        Patching patching = Patching.denoising(clean, corrupted, metric);
        time("resid_pre", () -> patching.residPre().elements());
        time("heads", () -> patching.attnHeadOutAllPos().elements());
      }
      if (edges) {
        EdgePatching patching = new EdgePatching(clean, corrupted, metric);
        time(
            "edges",
            () -> {
              EdgeEffects effects = patching.run();
              return effects.edges().size();
            });
      }
    }
  }

  private static Batch prompt(Gpt2 model, SplittableRandom random) {
    int[] ids = random.ints(TOKENS, 0, model.config().vocab()).toArray();
    return model.traces(List.of(model.tokens(ids)));
  }

  private interface Work {
    long run();
  }

  private static void time(String name, Work work) {
    long start = System.nanoTime();
    long count = work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(Locale.ROOT, "vitrine  %-10s %6d patches  %8.3f s%n", name, count, seconds);
  }
}
