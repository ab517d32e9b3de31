package dev.vitrine.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The settings of TransformerLens' own sampler, for comparison with it. It differs from {@link
 * Sampling}: the frequency penalty comes after the temperature, top-p is ignored where top-k is
 * set, and counts from above.
 *
 * @param temperature what the logits are divided by
 * @param topK how many to keep
 * @param topP the probability to keep, where {@code topK} is empty
 * @param repetitionPenalty 1 is none
 * @param frequencyPenalty 0 is none
 */
public record TransformerLensSampling(
    double temperature,
    OptionalInt topK,
    OptionalDouble topP,
    double repetitionPenalty,
    double frequencyPenalty) {

  /** The steps in its order. */
  public List<Warper> warpers() {
    List<Warper> steps = new ArrayList<>();
    steps.add(Warper.repetitionPenalty(repetitionPenalty));
    steps.add(Warper.temperature(temperature));
    steps.add(Warper.frequencyPenalty(frequencyPenalty));
    if (topK.isPresent()) {
      steps.add(Warper.topK(topK.getAsInt()));
    } else if (topP.isPresent()) {
      double p = topP.getAsDouble();
      Require.share("top-p", p);
      steps.add((logits, ids) -> Truncation.topPFromAbove(logits, p));
    }
    return List.copyOf(steps);
  }
}
