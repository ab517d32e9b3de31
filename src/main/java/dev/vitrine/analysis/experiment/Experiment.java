package dev.vitrine.analysis.experiment;

import dev.vitrine.generate.Generation;
import dev.vitrine.generate.Sampling;
import dev.vitrine.kernels.Backends;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.View;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A run with its edits, kept as a small file that one can read, and that can be run again anywhere:
 *
 * <pre>{@code
 * Experiment.save(new Batch(List.of(ablated)), Path.of("mary.json"), ablated.sites(), false);
 * System.out.println(Experiment.read(Path.of("mary.json")).replay(model)); // identical, 130 sites
 * }</pre>
 *
 * <p>The file names the model and its hash, the view of its weights, prompts as text and ids, the
 * edits with the tokens or values that they take, and a hash of each site over its bits. The
 * backends in single precision that keep the contract compute the same bits, so that a file that
 * was saved with one is replayed on any; {@code reference}, {@code cuda-bf16} and {@code cuda-f16}
 * have hashes of their own. Edits and tokens are in the form of {@link EditsFile}, which reads such
 * a file too.
 */
public final class Experiment {
  static final String FORMAT = "vitrine experiment 1";

  private final Path file;
  private final JsonObject root;
  private final EditsFile edits;
  private final View view;
  private final Map<String, List<String>> hashes;
  private final Map<String, List<String>> marks;
  private final @Nullable Continuation continuation;

  private Experiment(Path file, JsonObject root, EditsFile edits) {
    this.file = file;
    this.root = root;
    this.edits = edits;
    this.view = View.named(root.text("view").orElse("raw"));
    this.hashes = new LinkedHashMap<>();
    root.object("sites")
        .ifPresent(sites -> sites.keys().forEach(site -> hashes.put(site, sites.texts(site))));
    this.marks = new LinkedHashMap<>();
    root.object("marks")
        .ifPresent(sites -> sites.keys().forEach(site -> marks.put(site, sites.texts(site))));
    this.continuation = root.object("generation").map(Continuation::read).orElse(null);
  }

  /**
   * Keeps a run. The file is read back and run again before it is put in its place, so that what is
   * saved can be replayed.
   *
   * @param run traces that were edited together
   * @param file its name ends in {@code .json}; tensors that are too large for it go into a {@code
   *     .safetensors} beside it
   * @param sites whose hashes are kept
   * @param values whether their values are kept too, beside the file: then a replay that differs
   *     says in which element; without, in which positions and heads
   * @throws IllegalArgumentException if an edit cannot be kept, such as a function; says why
   * @throws IllegalStateException if the run is none that begins with these prompts and edits, such
   *     as one that was extended after it was edited
   */
  public static Experiment save(Batch run, Path file, Collection<Site> sites, boolean values) {
    return save(run, file, sites, values, site -> {});
  }

  /**
   * Keeps a run; see {@link #save(Batch, Path, Collection, boolean)}.
   *
   * @param progress is told each site of each trace twice: when it is hashed, and when it is
   *     compared with the run that is read back
   */
  public static Experiment save(
      Batch run, Path file, Collection<Site> sites, boolean values, Consumer<Site> progress) {
    new ExperimentWriter(run, null, file, sites, values, progress).write();
    return read(file);
  }

  /**
   * Keeps a text that was continued: prompt, edits, how its tokens were chosen, and which they
   * were. A replay chooses them again, and compares them and every site of prompt and continuation.
   *
   * @param sampling the settings that it was continued with
   * @param progress is told each site twice
   */
  public static Experiment save(
      Generation generation,
      Sampling sampling,
      Path file,
      Collection<Site> sites,
      boolean values,
      Consumer<Site> progress) {
    new ExperimentWriter(
            new Batch(List.of(generation.trace())),
            Continuation.of(generation, sampling),
            file,
            sites,
            values,
            progress)
        .write();
    return read(file);
  }

  /**
   * Reads a file that {@link #save} wrote.
   *
   * @throws IllegalArgumentException if it cannot be read or is no such file
   */
  public static Experiment read(Path file) {
    EditsFile edits = EditsFile.read(file, null);
    JsonObject root;
    try {
      root = JsonObject.parse(file.toString(), Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be read: " + e.getMessage(), e);
    }
    if (!root.text("format").orElse("").equals(FORMAT)) {
      throw new IllegalArgumentException(
          "%s: is no saved experiment (\"format\" is not \"%s\"); ablate --save and generate --save write one"
              .formatted(file, FORMAT));
    }
    return new Experiment(file, root, edits);
  }

  /** The name of the model, as it was loaded. */
  public String model() {
    return root.text("model").orElse("embedded");
  }

  /** The hash of its weights, as {@link Gpt2#hash}. */
  public String modelHash() {
    return root.text("model_hash").orElse("");
  }

  /** How its weights are held: {@code f32}, {@code bf16} or {@code int8}. */
  public String weights() {
    return root.text("weights").orElse("f32");
  }

  /** The view of its weights. */
  public View view() {
    return view;
  }

  /** The backend that it was saved with. */
  public String backend() {
    return root.text("backend").orElse("");
  }

  /** Whether its hashes are of numbers in double precision. */
  public boolean isDouble() {
    return root.text("precision").orElse("f32").equals("f64");
  }

  /** The backend that gives its bits, or {@code auto} where any that keeps the contract does. */
  public String replayedWith() {
    return isDouble() ? "reference" : Backends.hasOwnBits(backend()) ? backend() : "auto";
  }

  /** The names of the sites whose hashes it has. */
  public List<String> sites() {
    return List.copyOf(hashes.keySet());
  }

  /** How many tensors a replay compares: each site of each prompt. */
  public int comparisons() {
    return hashes.values().stream().mapToInt(List::size).sum();
  }

  /** Whether the prompt goes on by generated tokens. */
  public boolean isContinued() {
    return continuation != null;
  }

  /**
   * Runs it on a model, the continuation too if it has one.
   *
   * @param loaded in any view: the experiment's own is taken
   * @throws IllegalArgumentException if it is another model; says which
   */
  public Batch run(Gpt2 loaded) {
    if (!loaded.hash().equals(modelHash())) {
      throw new IllegalArgumentException(
          "%s: was saved with the model %s of hash %s, and %s has %s: replay it with that model"
              .formatted(file, model(), brief(modelHash()), loaded.name(), brief(loaded.hash())));
    }
    Gpt2 model = loaded.view(view);
    List<Tokens> prompts =
        edits
            .prompts(model)
            .orElseThrow(() -> new IllegalArgumentException(file + ": has no prompt"));
    Batch run = model.traces(prompts).with(edits.edits(model));
    return continuation == null
        ? run
        : new Batch(run.traces().stream().map(trace -> continuation.run(trace).trace()).toList());
  }

  private static String brief(String hash) {
    return hash.length() > 12 ? hash.substring(0, 12) + "…" : hash;
  }

  /**
   * Runs it and compares each site that it has a hash of.
   *
   * @throws IllegalArgumentException if it is another model, has no such site, or computes in
   *     another precision or with a backend whose bits are others
   */
  public Replay replay(Gpt2 loaded) {
    return replay(loaded, site -> {});
  }

  /**
   * Runs it and compares each site that it has a hash of; see {@link #replay(Gpt2)}.
   *
   * @param progress is told each site of each prompt
   */
  public Replay replay(Gpt2 loaded, Consumer<Site> progress) {
    if (loaded.backend().isDouble() != isDouble()) {
      throw new IllegalArgumentException(
          "%s: was saved with %s in %s precision, and %s computes in %s: its bits are others; replay it with --backend %s"
              .formatted(
                  file,
                  backend(),
                  isDouble() ? "double" : "single",
                  loaded.backend().name(),
                  isDouble() ? "single" : "double",
                  replayedWith()));
    }
    String now = loaded.backend().name();
    boolean own = Backends.hasOwnBits(backend()) || Backends.hasOwnBits(now);
    if (own && !now.equals(backend())) {
      throw new IllegalArgumentException(
          "%s: was saved with %s, whose bits are others than those of %s; replay it with --backend %s"
              .formatted(file, backend(), now, replayedWith()));
    }
    Batch run = run(loaded);
    Optional<Replay.Continued> continued = Optional.empty();
    if (continuation != null) {
      Tokens all = run.get(0).tokens();
      int added = all.size() - promptSize(loaded);
      Tokens chosen = loaded.tokens(Arrays.copyOfRange(all.ids(), all.size() - added, all.size()));
      continued = Optional.of(new Replay.Continued(continuation.tokens(loaded), chosen));
    }
    return new Comparison(run, hashes, marks, kept(), progress).replay(continued);
  }

  private int promptSize(Gpt2 model) {
    return edits.prompts(model).orElseThrow().getFirst().size();
  }

  private @Nullable Path kept() {
    return root.text("values").map(file::resolveSibling).orElse(null);
  }
}
