package dev.vitrine.analysis.experiment;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.edit.Target;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Gives a tensor of a file, which knows its shape only, the names of a target's axes. */
public final class NamedTensor {
  private NamedTensor() {}

  /**
   * Reads a tensor for a target: its last axis is the site's last, and so on forwards; before the
   * site's first comes the batch.
   *
   * @param file safetensors, npz, or any other that holds tensors
   * @throws IllegalArgumentException if the file has no tensor of that name, or one of more axes
   */
  public static Tensor read(Path file, String name, Target target, Config config) {
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      List<String> names = checkpoint.tensors().stream().map(StoredTensor::name).toList();
      if (!names.contains(name)) {
        List<String> near = Nearest.names(name, names, 3);
        throw new IllegalArgumentException(
            "%s: has no tensor \"%s\"; %s"
                .formatted(
                    file,
                    name,
                    near.isEmpty()
                        ? "it has " + String.join(", ", names)
                        : "the nearest are " + String.join(", ", near)));
      }
      return named(file, checkpoint.tensor(name), target, config);
    }
  }

  private static Tensor named(Path file, StoredTensor stored, Target target, Config config) {
    List<Axis> axes = new ArrayList<>(List.of(Axis.BATCH));
    axes.addAll(target.sites(config).getFirst().hook().axes());
    long[] shape = stored.shape().stream().mapToLong(Long::longValue).toArray();
    if (shape.length > axes.size()) {
      throw new IllegalArgumentException(
          "%s: \"%s\" has %d axes, and %s at most %d"
              .formatted(file, stored.name(), shape.length, target, axes.size()));
    }
    List<Axis> last = axes.subList(axes.size() - shape.length, axes.size());
    Dimension[] dimensions = new Dimension[shape.length];
    for (int i = 0; i < shape.length; i++) {
      if (last.get(i) == Axis.ONE && shape[i] != 1) {
        throw new IllegalArgumentException(
            "%s: the last axis of \"%s\" has %d elements, and %s has 1"
                .formatted(file, stored.name(), shape[i], target));
      }
      dimensions[i] = last.get(i).of(Math.toIntExact(shape[i]));
    }
    double[] values = stored.doubles();
    if (stored.dtype() == Dtype.F64) {
      return Tensor.of(values, dimensions);
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(floats, dimensions);
  }
}
