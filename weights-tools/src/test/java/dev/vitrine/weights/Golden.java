package dev.vitrine.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds the golden cases: tensors that PyTorch, transformers and TransformerLens computed. */
public final class Golden {

  private Golden() {}

  /** A folder of a case, such as {@code forward_a/model}; skips the test if it is not there. */
  public static Path folder(String name) {
    Path folder = root().resolve(name);
    Assumptions.assumeTrue(Files.isDirectory(folder), () -> "no golden data at " + folder);
    return folder;
  }

  public static Path root() {
    String set = System.getProperty("vitrine.golden");
    // The project's copy lies in the module that runs models.
    return set != null ? Path.of(set) : Path.of("../src/test/resources/golden");
  }
}
