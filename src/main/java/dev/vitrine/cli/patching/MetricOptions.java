package dev.vitrine.cli.patching;

import dev.vitrine.analysis.patching.Metric;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.SingleToken;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Trace;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a sweep measures. */
final class MetricOptions {
  private static final List<String> NAMES =
      List.of("logit-diff", "logit", "probability", "log-probability", "kl", "loss");

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description =
          "What to measure behind the last token: logit-diff (default), logit, probability,"
              + " log-probability, kl (from the other prompt's prediction), or loss.")
  private String name = "logit-diff";

  @Option(
      names = "--raw",
      description = "The metric as it is; otherwise 0 is as PROMPT runs and 1 as OTHER runs.")
  private boolean raw;

  @Option(
      names = "--answer",
      paramLabel = "TOKEN",
      description =
          "The right answer, in quotes with its blank (default: what is predicted for OTHER);"
              + " repeat for each prompt.")
  private List<String> answers = new ArrayList<>();

  @Option(
      names = "--wrong",
      paramLabel = "TOKEN",
      description = "The wrong answer (default: what is predicted for PROMPT).")
  private List<String> wrong = new ArrayList<>();

  @Option(
      names = "--answer-ids",
      paramLabel = "5,3",
      description = "Right answers as ids, one for each prompt or one for all.")
  private @Nullable String answerIds;

  @Option(
      names = "--wrong-ids",
      paramLabel = "7,2",
      description = "Wrong answers as ids, one for each prompt or one for all.")
  private @Nullable String wrongIds;

  /** For picocli. */
  MetricOptions() {}

  /**
   * Checks what can be checked without a model.
   *
   * @throws UsageException if there is no such metric, or answers are given twice
   */
  void check() {
    if (!NAMES.contains(name)) {
      List<String> near = Nearest.names(name, NAMES, 1);
      throw new UsageException(
          "there is no metric \"%s\"; %s"
              .formatted(
                  name,
                  near.isEmpty()
                      ? "there are " + String.join(", ", NAMES)
                      : "did you mean \"" + near.getFirst() + "\"?"));
    }
    if ((!answers.isEmpty() && answerIds != null) || (!wrong.isEmpty() && wrongIds != null)) {
      throw new UsageException("give answers as tokens or as ids, not both");
    }
    if (answerIds != null) {
      PromptOptions.parse("--answer-ids", answerIds);
    }
    if (wrongIds != null) {
      PromptOptions.parse("--wrong-ids", wrongIds);
    }
  }

  /** What is to be measured, and with what answers. */
  record Chosen(Metric metric, Metric unscaled, List<String> right, List<String> wrong) {}

  /** The metric for two runs. */
  Chosen choose(Gpt2 model, Batch base, Batch other, PrintStream notes) {
    int[] right = ids("--answer", model, answers, answerIds, other, notes);
    boolean needsWrong = name.equals("logit-diff");
    int[] contrast = needsWrong ? ids("--wrong", model, wrong, wrongIds, base, notes) : new int[0];
    boolean needsRight = needsWrong || name.contains("logit") || name.contains("probability");
    if (needsWrong) {
      checkDifferent(model, right, contrast, base.size());
    }
    Metric unscaled =
        switch (name) {
          case "logit" -> Metric.logit(right);
          case "probability" -> Metric.probability(right);
          case "log-probability" -> Metric.logProbability(right);
          case "kl" -> Metric.kl(other);
          case "loss" -> Metric.loss();
          default -> Metric.logitDifference(pairs(right, contrast, base.size()));
        };
    return new Chosen(
        raw ? unscaled : scaled(unscaled, base, other),
        unscaled,
        needsRight ? pieces(model, right) : List.of(),
        pieces(model, contrast));
  }

  private static Metric scaled(Metric metric, Batch base, Batch other) {
    double zero = metric.of(base);
    double one = metric.of(other);
    if (zero == one) {
      throw new IllegalArgumentException(
          "the %s is %s for both prompts: choose another --metric or other answers, or --raw"
              .formatted(metric.name(), zero));
    }
    return metric.normalized(zero, one);
  }

  private static void checkDifferent(Gpt2 model, int[] right, int[] wrong, int prompts) {
    for (int b = 0; b < prompts; b++) {
      int r = right[right.length == 1 ? 0 : b];
      if (r == wrong[wrong.length == 1 ? 0 : b]) {
        throw new IllegalArgumentException(
            "the right and the wrong answer are both \"%s\": say which to compare with --answer and --wrong"
                .formatted(model.piece(r)));
      }
    }
  }

  private static List<int[]> pairs(int[] right, int[] wrong, int prompts) {
    List<int[]> pairs = new ArrayList<>();
    for (int b = 0; b < prompts; b++) {
      pairs.add(new int[] {right[right.length == 1 ? 0 : b], wrong[wrong.length == 1 ? 0 : b]});
    }
    return pairs;
  }

  /** The ids given, or what is predicted for a run. */
  private static int[] ids(
      String flag,
      Gpt2 model,
      List<String> texts,
      @Nullable String ids,
      Batch predicted,
      PrintStream notes) {
    int[] given =
        ids != null
            ? PromptOptions.parse(flag + "-ids", ids)
            : texts.stream().mapToInt(text -> SingleToken.next(flag, model, text, notes)).toArray();
    if (given.length == 0) {
      return predicted.traces().stream().mapToInt(trace -> first(trace)).toArray();
    }
    for (int id : given) {
      SingleToken.checked(flag, model, id);
    }
    if (given.length != 1 && given.length != predicted.size()) {
      throw new IllegalArgumentException(
          "%s: %d answers for %d prompts: give one for each, or one for all"
              .formatted(flag, given.length, predicted.size()));
    }
    return given;
  }

  private static int first(Trace trace) {
    return trace.predictions().first();
  }

  private static List<String> pieces(Gpt2 model, int[] ids) {
    return Arrays.stream(ids).mapToObj(model::piece).toList();
  }
}
