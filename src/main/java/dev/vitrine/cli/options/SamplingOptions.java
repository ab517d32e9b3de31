package dev.vitrine.cli.options;

import dev.vitrine.generate.Sampling;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a text is continued. */
public final class SamplingOptions {
  @Option(names = "--max-new", paramLabel = "N", description = "Add at most N tokens (default 40).")
  private int maxNew = 40;

  @Option(names = "--greedy", description = "Take the likeliest token each time.")
  private boolean greedy;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Divide the logits by T (default 1): below 1 sharpens, above 1 flattens.")
  private double temperature = 1;

  @Option(names = "--top-k", paramLabel = "K", description = "Keep the K likeliest tokens.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Keep the likeliest tokens until their probability is P.")
  private double topP = 1;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "Keep what is at least P times as likely as the likeliest.")
  private double minP;

  @Option(
      names = "--typical",
      paramLabel = "P",
      description = "Keep the probability P around the entropy.")
  private double typical = 1;

  @Option(
      names = "--epsilon",
      paramLabel = "E",
      description = "Keep what has a probability of at least E.")
  private double epsilon;

  @Option(
      names = "--eta",
      paramLabel = "E",
      description = "As --epsilon, but less where the entropy is high.")
  private double eta;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "R",
      description = "Divide positive logits of tokens that came by R, multiply negative ones.")
  private double repetitionPenalty = 1;

  @Option(
      names = "--frequency-penalty",
      paramLabel = "F",
      description = "Take F from a token's logit for each time that it came.")
  private double frequencyPenalty;

  @Option(
      names = "--no-repeat-ngram",
      paramLabel = "N",
      description = "Let no run of N tokens come twice.")
  private int noRepeatNgram;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Where the draws begin (default 0): one seed, one text.")
  private long seed;

  @Option(
      names = "--stop",
      paramLabel = "TOKEN",
      description =
          "End after this token, such as \".\" (repeatable); an id where the model has no"
              + " tokenizer. <|endoftext|> always ends a text.")
  private List<String> stop = new ArrayList<>();

  /** For picocli. */
  public SamplingOptions() {}

  /**
   * The settings but for the tokens that end a text, which only a model knows.
   *
   * @throws UsageException if one of them is not possible
   */
  public Sampling check() {
    return build();
  }

  /** The settings for a model. */
  public Sampling read(Gpt2 model) {
    List<Integer> ids = new ArrayList<>();
    Optional<Tokenizer> tokenizer = model.tokenizer();
    for (String token : stop) {
      ids.add(SingleToken.of("--stop", model, token));
    }
    tokenizer.ifPresent(t -> t.endOfText().ifPresent(ids::add));
    return build(ids.stream().mapToInt(Integer::intValue).toArray());
  }

  private Sampling build(int... stopIds) {
    try {
      return Sampling.builder()
          .maxNew(maxNew)
          .greedy(greedy)
          .temperature(temperature)
          .topK(topK)
          .topP(topP)
          .minP(minP)
          .typical(typical)
          .epsilon(epsilon)
          .eta(eta)
          .repetitionPenalty(repetitionPenalty)
          .frequencyPenalty(frequencyPenalty)
          .noRepeatNgram(noRepeatNgram)
          .seed(seed)
          .stop(stopIds)
          .build();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }
}
