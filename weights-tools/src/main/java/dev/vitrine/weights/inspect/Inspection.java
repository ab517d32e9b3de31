package dev.vitrine.weights.inspect;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.Progress;
import dev.vitrine.weights.StoredTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a file is.
 *
 * @param origin where it lies
 * @param format its format, for people
 * @param config empty if it was inspected as tensors only; so is the anatomy
 * @param tensors in the order of the file
 */
public record Inspection(
    String origin,
    String format,
    Optional<Config> config,
    Optional<Anatomy> anatomy,
    List<Statistics> tensors) {

  /**
   * Inspects a model; reads all of it once.
   *
   * @throws dev.vitrine.weights.WeightsException if the file cannot be read
   */
  public static Inspection of(Gpt2Weights weights, Progress progress) {
    return of(
        weights.checkpoint(),
        Optional.of(weights.config()),
        Optional.of(Anatomy.of(weights)),
        progress);
  }

  /**
   * Inspects a file of tensors, whatever they are; reads all of it once.
   *
   * @throws dev.vitrine.weights.WeightsException if the file cannot be read
   */
  public static Inspection of(Checkpoint checkpoint, Progress progress) {
    return of(checkpoint, Optional.empty(), Optional.empty(), progress);
  }

  private static Inspection of(
      Checkpoint checkpoint,
      Optional<Config> config,
      Optional<Anatomy> anatomy,
      Progress progress) {
    List<Statistics> tensors = new ArrayList<>();
    long total = checkpoint.tensors().stream().mapToLong(StoredTensor::size).sum();
    long done = 0;
    for (StoredTensor tensor : checkpoint.tensors()) {
      tensors.add(Statistics.of(tensor));
      done += tensor.size();
      progress.at(tensor.name(), done, total);
    }
    return new Inspection(checkpoint.origin(), checkpoint.format(), config, anatomy, tensors);
  }

  /**
   * The number of the model's parameters; of a file that is none, of the elements of all tensors
   * that hold fractions.
   */
  public long parameters() {
    return anatomy
        .map(Anatomy::total)
        .orElseGet(() ->
            tensors.stream()
                .filter(tensor -> tensor.dtype().floating())
                .mapToLong(Statistics::size)
                .sum());
  }

  /** One line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %s, %,d tensors, %,d parameters",
        origin,
        format,
        tensors.size(),
        parameters());
  }
}
