package dev.vitrine.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a text is continued. As {@linkplain #builder() built} without more, tokens are drawn from the
 * model's own distribution. The steps are taken in the order of Hugging Face's {@code generate}:
 * penalties, temperature, top-k, top-p, min-p, typical, epsilon, eta. Greedy takes the likeliest
 * token after the penalties; the other steps could not change it.
 *
 * @param greedy the likeliest token each time, rather than a draw
 * @param temperature what the logits are divided by
 * @param topK how many tokens to keep; 0 keeps all
 * @param topP the probability to keep; 1 keeps all
 * @param minP the least probability beside the likeliest's; 0 keeps all
 * @param typical the probability to keep around the entropy; 1 keeps all
 * @param epsilon the least probability; 0 keeps all
 * @param eta the least probability, less where the entropy is high; 0 keeps all
 * @param repetitionPenalty 1 is none
 * @param frequencyPenalty 0 is none
 * @param noRepeatNgram the length of runs that may not come twice; 0 lets all
 * @param seed where the draws begin
 * @param maxNew how many tokens to add at most
 * @param stop ids after which to end
 */
public record Sampling(
    boolean greedy,
    double temperature,
    int topK,
    double topP,
    double minP,
    double typical,
    double epsilon,
    double eta,
    double repetitionPenalty,
    double frequencyPenalty,
    int noRepeatNgram,
    long seed,
    int maxNew,
    Set<Integer> stop) {

  /** Checks each setting; the message of a refusal says what it may be. */
  public Sampling {
    Require.that(topK >= 0, "top-k must be 0 (all) or more, not %s", topK);
    Require.that(
        noRepeatNgram >= 0, "no-repeat n-gram must be 0 (none) or more, not %s", noRepeatNgram);
    Require.that(
        epsilon >= 0 && epsilon < 1, "epsilon must be at least 0 and below 1, not %s", epsilon);
    Require.that(eta >= 0 && eta < 1, "eta must be at least 0 and below 1, not %s", eta);
    Require.that(maxNew >= 0, "the number of new tokens must be 0 or more, not %s", maxNew);
    for (int id : stop) {
      Require.that(id >= 0, "a stop token's id must be 0 or more, not %s", id);
    }
    stop = Set.copyOf(stop);
    // The remaining bounds are the steps' own.
    Warper.temperature(temperature);
    Warper.topP(topP);
    Warper.minP(minP);
    Warper.typical(typical);
    Warper.repetitionPenalty(repetitionPenalty);
    Warper.frequencyPenalty(frequencyPenalty);
  }

  /** Draws from the model's own distribution, seed 0, 20 tokens, until something else is said. */
  public static Builder builder() {
    return new Builder();
  }

  /** Whether the text ends with this token. */
  public boolean stopsAt(int id) {
    return stop.contains(id);
  }

  /** The steps that are on, in their order. */
  public List<Warper> warpers() {
    List<Warper> steps = new ArrayList<>();
    addIf(repetitionPenalty != 1, steps, Warper.repetitionPenalty(repetitionPenalty));
    addIf(frequencyPenalty != 0, steps, Warper.frequencyPenalty(frequencyPenalty));
    if (noRepeatNgram > 0) {
      steps.add(Warper.noRepeatNgram(noRepeatNgram));
    }
    if (!greedy) {
      addIf(temperature != 1, steps, Warper.temperature(temperature));
      if (topK > 0) {
        steps.add(Warper.topK(topK));
      }
      addIf(topP < 1, steps, Warper.topP(topP));
      addIf(minP > 0, steps, Warper.minP(minP));
      addIf(typical < 1, steps, Warper.typical(typical));
      if (epsilon > 0) {
        steps.add(Warper.epsilon(epsilon));
      }
      if (eta > 0) {
        steps.add(Warper.eta(eta));
      }
    }
    return List.copyOf(steps);
  }

  private static void addIf(boolean on, List<Warper> steps, Warper step) {
    if (on) {
      steps.add(step);
    }
  }

  /** Collects settings; {@link #build()} checks them. */
  public static final class Builder {

    private boolean greedy;
    private double temperature = 1;
    private int topK;
    private double topP = 1;
    private double minP;
    private double typical = 1;
    private double epsilon;
    private double eta;
    private double repetitionPenalty = 1;
    private double frequencyPenalty;
    private int noRepeatNgram;
    private long seed;
    private int maxNew = 20;
    private Set<Integer> stop = Set.of();

    private Builder() {}

    /** Takes the likeliest token each time. */
    public Builder greedy(boolean value) {
      greedy = value;
      return this;
    }

    /** Divides the logits. */
    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    /** Keeps so many tokens; 0 keeps all. */
    public Builder topK(int value) {
      topK = value;
      return this;
    }

    /** Keeps the nucleus of this probability; 1 keeps all. */
    public Builder topP(double value) {
      topP = value;
      return this;
    }

    /** Keeps what is so likely beside the likeliest; 0 keeps all. */
    public Builder minP(double value) {
      minP = value;
      return this;
    }

    /** Keeps this probability around the entropy; 1 keeps all. */
    public Builder typical(double value) {
      typical = value;
      return this;
    }

    /** Keeps what is at least this likely; 0 keeps all. */
    public Builder epsilon(double value) {
      epsilon = value;
      return this;
    }

    /** Keeps what is at least this likely, or less at high entropy; 0 keeps all. */
    public Builder eta(double value) {
      eta = value;
      return this;
    }

    /** Divides positive logits of tokens that came, multiplies others; 1 is none. */
    public Builder repetitionPenalty(double value) {
      repetitionPenalty = value;
      return this;
    }

    /** Taken from a logit for each time its token came; 0 is none. */
    public Builder frequencyPenalty(double value) {
      frequencyPenalty = value;
      return this;
    }

    /** Lets no run of so many ids come twice; 0 lets all. */
    public Builder noRepeatNgram(int value) {
      noRepeatNgram = value;
      return this;
    }

    /** Where the draws begin. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Adds so many tokens at most. */
    public Builder maxNew(int value) {
      maxNew = value;
      return this;
    }

    /** Ends the text after any of these ids. */
    public Builder stop(int... ids) {
      stop = Arrays.stream(ids).boxed().collect(Collectors.toSet());
      return this;
    }

    /** The settings, checked. */
    public Sampling build() {
      return new Sampling(
          greedy,
          temperature,
          topK,
          topP,
          minP,
          typical,
          epsilon,
          eta,
          repetitionPenalty,
          frequencyPenalty,
          noRepeatNgram,
          seed,
          maxNew,
          stop);
    }
  }
}
