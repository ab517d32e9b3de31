package dev.vitrine.weights.naming;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Takes the tensors that a GPT-2 needs from a checkpoint, and minds what is missing or left. */
final class Inventory {

  private final Checkpoint checkpoint;
  private final Set<String> taken = new HashSet<>();
  private final List<String> missing = new ArrayList<>();

  Inventory(Checkpoint checkpoint, Config config) {
    this.checkpoint = checkpoint;
    int tensors = checkpoint.tensors().size();
    if (config.layers() > tensors) {
      // Before a hostile configuration makes a list of what is missing that fills the memory.
      throw new WeightsException(
          checkpoint.origin()
              + ": holds only "
              + tensors
              + " tensors, but the configuration says "
              + config.layers()
              + " layers; check that the two belong together");
    }
  }

  /**
   * Notes that a tensor is needed.
   *
   * @throws WeightsException if it is there, with another shape, or holds no fractions
   */
  void need(String name, long... shape) {
    taken.add(name);
    StoredTensor tensor = checkpoint.find(name).orElse(null);
    if (tensor == null) {
      missing.add(name);
      return;
    }
    List<Long> wanted = LongStream.of(shape).boxed().toList();
    if (!tensor.shape().equals(wanted)) {
      throw new WeightsException(
          checkpoint.origin()
              + ": '"
              + name
              + "' has shape "
              + tensor.shape()
              + ", but the configuration says "
              + wanted
              + "; check that the two belong together");
    }
    if (!tensor.dtype().floating()) {
      throw new WeightsException(
          checkpoint.origin() + ": '" + name + "' is " + tensor.dtype() + ", not weights");
    }
  }

  /**
   * Ends the count.
   *
   * @param ignorable names of tensors that may be there and mean nothing
   * @throws WeightsException if a tensor is missing, or one is there that no GPT-2 has
   */
  void close(Predicate<String> ignorable) {
    if (!missing.isEmpty()) {
      throw new WeightsException(
          checkpoint.origin()
              + ": lacks "
              + some(missing)
              + "; the checkpoint is incomplete or"
              + " belongs to another configuration");
    }
    // A tensor of integers is a buffer that some tool left, never a weight.
    List<String> surplus =
        checkpoint.tensors().stream()
            .filter(tensor -> tensor.dtype().floating())
            .map(StoredTensor::name)
            .filter(name -> !taken.contains(name) && !ignorable.test(name))
            .toList();
    if (!surplus.isEmpty()) {
      throw new WeightsException(
          checkpoint.origin()
              + ": holds "
              + some(surplus)
              + ", which this GPT-2 does not have;"
              + " check that the configuration belongs to it");
    }
  }

  private static String some(List<String> names) {
    String first =
        names.stream().limit(3).map(name -> "'" + name + "'").collect(Collectors.joining(", "));
    return names.size() <= 3 ? first : first + " and " + (names.size() - 3) + " more tensors";
  }

  StoredTensor tensor(String name) {
    return checkpoint.tensor(name);
  }

  Rows rows(String name) {
    StoredTensor tensor = checkpoint.tensor(name);
    return new Rows(
        tensor, Math.toIntExact(tensor.shape().get(0)), Math.toIntExact(tensor.shape().get(1)));
  }

  /** The elements of several tensors, one after another. */
  double[] vector(String... names) {
    return Arrays.stream(names)
        .map(name -> checkpoint.tensor(name).doubles())
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }
}
