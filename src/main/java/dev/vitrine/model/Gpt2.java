package dev.vitrine.model;

import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Precision;
import dev.vitrine.tensor.View;
import dev.vitrine.text.Tokenizer;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Gpt2Weights;
import java.lang.ref.SoftReference;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A GPT-2, ready to run: weights packed for a backend, and a tokenizer where there is one.
 *
 * <p>Immutable, and safe for use by many threads at once. What it computes for a text is a {@link
 * Trace}.
 */
public final class Gpt2 implements AutoCloseable {
  private final String name;
  private final Precision precision;
  private final Config config;
  private @Nullable String hash;
  private final @Nullable Supplier<Tokenizer> tokenizer;
  private final Backend backend;
  private final ForwardPass forwardPass;
  private final Parameters parameters;
  private final Weights weights;
  private final View view;
  private final @Nullable Gpt2 raw;
  private final Map<View, SoftReference<Gpt2>> views = new HashMap<>();

  private Gpt2(
      String name,
      Gpt2Weights weights,
      @Nullable Supplier<Tokenizer> tokenizer,
      Backend backend,
      Precision precision) {
    this.name = name;
    this.precision = precision;
    this.config = weights.config();
    this.tokenizer = tokenizer;
    this.backend = backend;
    this.weights = Weights.pack(weights, backend, precision);
    this.view = View.RAW;
    this.raw = null;
    this.forwardPass = new ForwardPass(backend, config, this.weights, null);
    this.parameters = new Parameters(this, this.weights);
  }

  private Gpt2(Gpt2 raw, View view) {
    this.name = raw.name;
    this.precision = raw.precision;
    this.config = raw.config;
    this.tokenizer = raw.tokenizer;
    this.backend = raw.backend;
    this.weights = Processing.of(raw.weights, config, backend, view);
    this.view = view;
    this.raw = raw;
    this.forwardPass = new ForwardPass(backend, config, weights, null);
    this.parameters = new Parameters(this, weights);
  }

  /**
   * Loads a model for the best backend that can run here.
   *
   * @param name {@code embedded} for the model that is built in, the path of a model's directory or
   *     weights, or a hub's name such as {@code gpt2}, if it is in the Hugging Face cache; see
   *     {@link ModelFiles#find}
   * @throws dev.vitrine.weights.WeightsException if there is no sound model of that name
   */
  public static Gpt2 load(String name) {
    return load(name, Backends.open("auto", 0));
  }

  /** Loads a model for {@code backend}, which is closed together with it. */
  public static Gpt2 load(String name, Backend backend) {
    return load(name, backend, Precision.F32);
  }

  /**
   * Loads a model whose linear maps and token embedding are held with reduced {@code precision}:
   * less memory, and faster where memory is what one waits for. It is then another model, a little
   * beside the first, with all that is promised of any.
   */
  public static Gpt2 load(String name, Backend backend, Precision precision) {
    try (ModelFiles files = ModelFiles.find(name)) {
      Supplier<Tokenizer> tokenizer = files.tokenizerLater().orElse(null);
      return new Gpt2(name, files.weights(), tokenizer, backend, precision);
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  /** The name that it was loaded by. */
  public String name() {
    return name;
  }

  /** What the architecture leaves open. */
  public Config config() {
    return config;
  }

  /**
   * Identifies configuration and weights; see {@link Gpt2Weights#hash}. Reads the model's files
   * again when it is first asked for, as a second of reading is not for everyone to pay.
   *
   * @throws dev.vitrine.weights.WeightsException if they are gone
   */
  public synchronized String hash() {
    if (raw != null) {
      return raw.hash();
    }
    String known = hash;
    if (known == null) {
      try (ModelFiles files = ModelFiles.find(name)) {
        known = files.weights().hash();
        hash = known;
      }
    }
    return known;
  }

  /**
   * The tokenizer that came with the weights, if any; made when a text or a string is first asked
   * for.
   *
   * @throws dev.vitrine.text.TokenizerException if it is broken
   */
  public Optional<Tokenizer> tokenizer() {
    return Optional.ofNullable(tokenizer).map(Supplier::get);
  }

  /** How the linear maps and the token embedding are held. */
  public Precision precision() {
    return precision;
  }

  /** What computes. */
  public Backend backend() {
    return backend;
  }

  /** The forward pass over this model's weights. */
  public ForwardPass forwardPass() {
    return forwardPass;
  }

  /** The forward pass, writing what lies between its steps to a workspace. */
  public ForwardPass forwardPass(Workspace workspace) {
    return new ForwardPass(backend, config(), weights, workspace);
  }

  /** The weights as the backend packed them. */
  Weights weights() {
    return weights;
  }

  /** The weights as tensors. */
  public Parameters parameters() {
    return parameters;
  }

  // ---- views of the weights

  /** Which of its equivalent sets of weights this is; raw, unless {@link #view(View)} was asked. */
  public View view() {
    return view;
  }

  /**
   * This model seen with other weights that compute the same: the same backend, and the same
   * storage for each weight that no step changes. {@link View#RAW} gives the loaded weights back.
   * They are processed in double precision and rounded once. A view that was made is kept while
   * memory allows; closing it closes the model.
   *
   * @throws IllegalArgumentException if a step does not apply to this model; says which and why
   */
  public Gpt2 view(View other) {
    if (raw != null) {
      return raw.view(other);
    }
    View possible = applicable(other);
    if (!possible.equals(other)) {
      throw new IllegalArgumentException(
          "the view %s does not apply: %s; ask for %s"
              .formatted(other, obstacles(other), possible));
    }
    if (other.isRaw()) {
      return this;
    }
    synchronized (views) {
      SoftReference<Gpt2> kept = views.get(other);
      Gpt2 known = kept == null ? null : kept.get();
      if (known == null) {
        known = new Gpt2(this, other);
        views.put(other, new SoftReference<>(known));
      }
      return known;
    }
  }

  /** What of a view applies to this model: without layer norms there is none to fold. */
  public View applicable(View other) {
    return other.without(
        other.steps().stream()
            .filter(step -> Processing.obstacle(step, config).isPresent())
            .toList());
  }

  /** Why steps of a view do not apply to this model, in a line; empty if all do. */
  public String obstacles(View other) {
    return other.steps().stream()
        .flatMap(step -> Processing.obstacle(step, config).map(why -> step + ": " + why).stream())
        .collect(Collectors.joining(", "));
  }

  // ---- tokens

  /**
   * The tokenizer of a model that is not loaded; see {@link #load(String)}.
   *
   * @throws dev.vitrine.weights.WeightsException if there is no sound model of that name
   */
  public static Optional<Tokenizer> tokenizerOf(String name) {
    try (ModelFiles files = ModelFiles.find(name)) {
      return files.tokenizer();
    }
  }

  /**
   * The tokens of a text, nothing added before or behind them.
   *
   * @throws IllegalStateException if the model has no tokenizer
   */
  public Tokens tokens(String text) {
    if (tokenizer == null) {
      throw new IllegalStateException(
          "the model has no tokenizer beside its weights (tokenizer.json, or vocab.json and"
              + " merges.txt): give token ids");
    }
    return tokenizer.get().encode(text);
  }

  /**
   * Tokens by their ids.
   *
   * @throws IllegalArgumentException if an id is out of range; says the range
   */
  public Tokens tokens(int... ids) {
    for (int id : ids) {
      if (id < 0 || id >= config.vocab()) {
        throw new IllegalArgumentException(
            "token id %d is not in 0 … %d".formatted(id, config.vocab() - 1));
      }
    }
    return tokenizer == null ? Tokens.ofIds(ids) : Tokens.ofIds(tokenizer, ids);
  }

  /**
   * The string of one token; its id as a number where the model has no tokenizer, or where it pads
   * its vocabulary with ids that no text encodes to.
   */
  public String piece(int id) {
    return tokenizer != null && id < tokenizer.get().size()
        ? tokenizer.get().piece(id)
        : Integer.toString(id);
  }

  /**
   * The same tokens, once it is certain that the model can read them.
   *
   * @throws IllegalArgumentException if there are none, more than the context holds, or an id out
   *     of range
   */
  public Tokens checked(Tokens tokens) {
    if (tokens.isEmpty()) {
      throw new IllegalArgumentException("the prompt is empty: give at least one token");
    }
    if (tokens.size() > config.context()) {
      throw new IllegalArgumentException(
          "the prompt has %d tokens, and the model reads at most %d: shorten it by %d"
              .formatted(tokens.size(), config.context(), tokens.size() - config.context()));
    }
    for (int id : tokens.ids()) {
      if (id < 0 || id >= config.vocab()) {
        throw new IllegalArgumentException(
            "token id %d is not in 0 … %d".formatted(id, config.vocab() - 1));
      }
    }
    return tokens;
  }

  // ---- running

  /** Runs the model over a text; see {@link #trace(Tokens)}. */
  public Trace trace(String text) {
    return trace(tokens(text));
  }

  /**
   * Runs the model over some tokens.
   *
   * @throws IllegalArgumentException if there are none, more than the context holds, or an id out
   *     of range
   */
  public Trace trace(Tokens tokens) {
    return traces(List.of(tokens)).get(0);
  }

  /**
   * Runs the model over some tokens with edits from the start. Has the bits of {@link
   * Trace#with(List)} on the plain run, which costs less where that is at hand.
   *
   * @throws IllegalArgumentException if an edit cannot be meant; says why
   */
  public Trace trace(Tokens tokens, List<Edit> edits) {
    return Batch.run(this, List.of(checked(tokens)), edits, List.of()).get(0);
  }

  /** Runs the model over several sequences together; their lengths may differ. */
  public Batch traces(List<Tokens> sequences) {
    return traces(sequences, List.of());
  }

  /**
   * Runs the model over several sequences together and reads some sites while they are at hand.
   * Each of them, and every other site, would have the same bits if it were asked for later: this
   * spares only the time of computing it again.
   *
   * @param eager the sites to read
   */
  public Batch traces(List<Tokens> sequences, Collection<Site> eager) {
    sequences.forEach(this::checked);
    eager.forEach(site -> site.in(config));
    return Batch.run(this, sequences, List.of(), eager);
  }

  /** Closes the backend; no view and no trace of the model may be used afterwards. */
  @Override
  public void close() {
    backend.close();
  }

  @Override
  public String toString() {
    return "GPT-2 of %d layers, %d heads, d_model %d, vocabulary %d, context %d, on %s"
        .formatted(
            config.layers(),
            config.heads(),
            config.dModel(),
            config.vocab(),
            config.context(),
            backend.description());
  }
}
