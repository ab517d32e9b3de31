package dev.vitrine.analysis.experiment;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.tensor.Origin;
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

  /** A tensor of a file, by the name that it has on the command line. */
  private record Stored(String name) implements Origin {}

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
      StoredTensor stored = checkpoint.tensor(name);
      String label = file + ": \"" + name + "\"";
      Tensor tensor = of(label, stored.doubles(), stored.shape(), target, config);
      Tensor named = stored.dtype() == Dtype.F64 ? tensor : rounded(tensor);
      return named.withOrigin(new Stored(file.getFileName() + "#" + name));
    }
  }

  private static Tensor rounded(Tensor tensor) {
    return Tensor.of(tensor.floats(), tensor.dimensions().toArray(Dimension[]::new));
  }

  /**
   * Names the axes of numbers that stand in row-major order.
   *
   * @param label what they are, for messages
   * @throws IllegalArgumentException if they do not fill the shape, or it has too many axes
   */
  static Tensor of(String label, double[] values, List<Long> shape, Target target, Config config) {
    List<Axis> axes = axes(target, config);
    if (shape.size() > axes.size()) {
      throw new IllegalArgumentException(
          "%s has %d axes, and %s at most %d".formatted(label, shape.size(), target, axes.size()));
    }
    List<Axis> last = axes.subList(axes.size() - shape.size(), axes.size());
    Dimension[] dimensions = new Dimension[shape.size()];
    long elements = 1;
    for (int i = 0; i < dimensions.length; i++) {
      long size = shape.get(i);
      if (last.get(i) == Axis.ONE && size != 1) {
        throw new IllegalArgumentException(
            "%s: the last axis has %d elements, and that of %s has 1"
                .formatted(label, size, target));
      }
      if (size < 0 || size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("%s has an axis of size %d".formatted(label, size));
      }
      elements *= size;
      dimensions[i] = last.get(i).of((int) size);
    }
    if (elements != values.length) {
      throw new IllegalArgumentException(
          "%s has the shape %s and %d values".formatted(label, shape, values.length));
    }
    return Tensor.of(values, dimensions);
  }

  /** The axes that values for a target may have: the batch, then those of its site. */
  static List<Axis> axes(Target target, Config config) {
    List<Axis> axes = new ArrayList<>(List.of(Axis.BATCH));
    axes.addAll(target.sites(config).getFirst().hook().axes());
    return axes;
  }
}
