package dev.vitrine.cli.weights;

import dev.vitrine.cli.options.UsageException;
import dev.vitrine.weights.Dtype;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a conversion makes.
 *
 * @param format chosen by the ending of the name; a name without one is a model's folder
 * @param file the file of weights
 */
record Target(Format format, Path file) {

  /** The formats that are written, with the dtypes that each has. */
  enum Format {
    SAFETENSORS(Dtype.F64, Dtype.F32, Dtype.F16, Dtype.BF16),
    NPZ(Dtype.F64, Dtype.F32, Dtype.F16),
    GGUF(Dtype.F32, Dtype.F16, Dtype.BF16, Dtype.Q8_0);

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<Dtype> dtypes;

    Format(Dtype... dtypes) {
      this.dtypes = List.of(dtypes);
    }

    List<Dtype> dtypes() {
      return dtypes;
    }
  }

  private static final List<String> OTHERS =
      List.of(".bin", ".pt", ".pth", ".ckpt", ".h5", ".onnx", ".npy", ".json", ".msgpack");

  /**
   * What a name stands for.
   *
   * @throws UsageException if it stands for what is not written
   */
  static Target of(String name) {
    Path path;
    try {
      path = Path.of(name);
    } catch (InvalidPathException e) {
      throw new UsageException("OUT " + name + " is no path: " + e.getReason());
    }
    if (name.endsWith(".gguf")) {
      return new Target(Format.GGUF, path);
    }
    if (name.endsWith(".npz")) {
      return new Target(Format.NPZ, path);
    }
    if (name.endsWith(".safetensors")) {
      return new Target(Format.SAFETENSORS, path);
    }
    if (name.isBlank() || OTHERS.stream().anyMatch(name::endsWith)) {
      throw new UsageException(
          "OUT is a folder, or ends in .safetensors, .gguf or .npz, not \"" + name + "\"");
    }
    return new Target(Format.SAFETENSORS, path.resolve("model.safetensors"));
  }

  /** Where the configuration and the tokenizer go. */
  Path folder() {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /**
   * The dtype of a name.
   *
   * @throws UsageException if the format has none such
   */
  Dtype dtype(String name) {
    return format.dtypes().stream()
        .filter(dtype -> dtype.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() ->
            new UsageException(
                "--dtype of %s is %s, not \"%s\""
                    .formatted(
                        format.name().toLowerCase(Locale.ROOT),
                        String.join(
                            ", ",
                            format.dtypes().stream()
                                .map(dtype -> dtype.name().toLowerCase(Locale.ROOT))
                                .toList()),
                        name)));
  }
}
