package dev.vitrine.cli.options;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Precision;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.tensor.View;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model runs, and on what. */
public final class ModelOptions {
  private static final long SMALL = 32 << 20;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description =
          "\"embedded\", the one that is built in (default), a model's directory or file of"
              + " weights, or a hub's name such as gpt2 (see weights fetch).")
  private @Nullable String model;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description =
          "auto (default; of a small model scalar, as vectors need time to warm up), cuda, simd or"
              + " scalar, which give the same bits, reference (double precision), or, with other"
              + " bits and tried on no GPU yet, cuda-bf16 or cuda-f16 (tensor cores).")
  private @Nullable String backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads compute; 0, the default, is as many as there are cores.")
  private int threads;

  @Option(
      names = "--precision",
      paramLabel = "PRECISION",
      description =
          "How weights are held: f32 (default), bf16 or int8: half and a quarter of the memory, and"
              + " faster token by token; doctor measures what is lost.")
  private @Nullable String precision;

  @Option(
      names = "--view",
      paramLabel = "VIEW",
      description =
          "The weights: raw (default), folded (as TransformerLens processes them by default), or a"
              + " list of fold_ln, center_writing_weights, center_unembed, fold_value_biases,"
              + " refactor_factored_attn_matrices.")
  private @Nullable String view;

  private String usualModel = "embedded";
  private String usualBackend = "auto";
  private String usualView = "raw";
  private String usualPrecision = "f32";

  /** For picocli. */
  public ModelOptions() {}

  /** The name of the model. */
  public String model() {
    return model == null ? usualModel : model;
  }

  /** The name of the backend, which may be {@code auto}. */
  public String backend() {
    return backend == null ? usualBackend : backend;
  }

  /** Whether the command line names a backend. */
  public boolean isBackendGiven() {
    return backend != null;
  }

  /** Says what is meant where the command line leaves it out. */
  public void otherwise(String model, String backend, String view, String precision) {
    usualModel = model;
    usualBackend = backend;
    usualView = view;
    usualPrecision = precision;
  }

  /** How many threads, 0 for as many as there are cores. */
  public int threads() {
    return threads;
  }

  /**
   * Checks what can be checked without a model.
   *
   * @throws UsageException if there is no such backend, or not so many threads
   */
  public void check() {
    checkBackend(backend(), "auto");
    checkedView();
    precision();
    if (threads < 0) {
      throw new UsageException("--threads must be 0 or more, not " + threads);
    }
  }

  /**
   * Checks the name of a backend.
   *
   * @param more further names that are taken
   * @throws UsageException if there is none of that name; says the nearest
   */
  public static void checkBackend(String name, String... more) {
    List<String> names = new ArrayList<>(List.of(more));
    names.addAll(Backends.names());
    if (!names.contains(name)) {
      List<String> nearest = Nearest.names(name, names, 1);
      throw new UsageException(
          "there is no backend \"%s\"; %s"
              .formatted(
                  name,
                  nearest.isEmpty()
                      ? "there are " + String.join(", ", names)
                      : "did you mean \"" + nearest.getFirst() + "\"?"));
    }
  }

  private View checkedView() {
    try {
      return View.named(view == null ? usualView : view);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--view: " + e.getMessage());
    }
  }

  /** How weights are held. */
  private Precision precision() {
    String name = precision == null ? usualPrecision : precision;
    for (Precision known : Precision.values()) {
      if (known.toString().equals(name)) {
        return known;
      }
    }
    throw new UsageException("--precision must be f32, bf16 or int8, not " + name);
  }

  /** Loads the model; the caller closes it. */
  public Gpt2 load() {
    return load(System.err);
  }

  /** Loads the model in the view asked for, and says on {@code notes} what of it does not apply. */
  public Gpt2 load(PrintStream notes) {
    return load(notes, chosen());
  }

  /** The same on a backend of the verb's own choice. */
  public Gpt2 load(PrintStream notes, String backendName) {
    check();
    View wanted = checkedView();
    Gpt2 raw = Gpt2.load(model(), Backends.open(backendName, threads), precision());
    View applicable = raw.applicable(wanted);
    if (!applicable.equals(wanted)) {
      notes.printf("vitrine: the view is %s: %s%n", applicable, raw.obstacles(wanted));
    }
    try {
      return raw.view(applicable);
    } catch (RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  /**
   * The backend that {@link #load} opens. A command is a short life: for a small model it is over
   * before the JVM has compiled the vector code, which is slower than plain code until then. Both
   * give the same bits.
   */
  public String chosen() {
    boolean scalar = backend().equals("auto") && isSmall() && Backends.isAvailable("scalar");
    return scalar ? "scalar" : backend();
  }

  private boolean isSmall() {
    if (model().equals("embedded")) {
      return true;
    }
    try (Stream<Path> files = Files.list(Path.of(model()))) {
      return files.mapToLong(file -> file.toFile().length()).sum() < SMALL;
    } catch (IOException | InvalidPathException e) {
      return false; // loading it says what is wrong
    }
  }

  /** Writes what every verb's JSON ends with: how its numbers came about. */
  public void writeProvenance(JsonGenerator json, Gpt2 loaded) throws IOException {
    json.writeStringField("version", Version.text());
    json.writeStringField("model", model());
    json.writeStringField("model_hash", loaded.hash());
    json.writeStringField("backend", loaded.backend().name());
    json.writeStringField("weights", loaded.precision().toString());
    json.writeStringField("view", loaded.view().toString());
  }
}
