package dev.vitrine.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which of its many equivalent sets of weights a model is seen with.
 *
 * <p>Different weights can compute the same function: layer norm's gain may stand in the norm or in
 * the matrix behind it, and what all tokens' logits share changes no prediction. TransformerLens
 * rewrites the weights when it loads a model so that each part can be read by itself; here the
 * weights stay as they are ({@link #RAW}), and a view is asked for. A tensor knows its view, as
 * numbers of two views do not add up.
 *
 * @param steps what was done to the raw weights, in the order of {@link Step}
 */
public record View(Set<Step> steps) {

  /** The weights as they are stored. */
  public static final View RAW = new View(Set.of());

  /** What TransformerLens makes of the weights by default. */
  public static final View FOLDED =
      of(Step.FOLD_LN, Step.CENTER_WRITING_WEIGHTS, Step.CENTER_UNEMBED, Step.FOLD_VALUE_BIASES);

  /** One rewriting of the weights, under the name of TransformerLens's flag. */
  public enum Step {
    /**
     * Layer norm's gain and bias move into the matrix that reads it: {@code b += ln.b W}, {@code W
     * = ln.w W}, then each column of W less its mean, which meets only what has mean zero.
     */
    FOLD_LN("gain and bias of layer norms stand in the matrices that read them"),
    /**
     * Whatever writes to the residual stream loses its mean over d_model, which the next layer norm
     * takes away in any case: W_E, W_pos, W_O, b_O, W_out, b_out.
     */
    CENTER_WRITING_WEIGHTS("what writes to the residual stream has mean zero"),
    /** W_U and b_U lose their mean over the vocabulary: logits shift, log-probabilities do not. */
    CENTER_UNEMBED("logits have mean zero over the vocabulary"),
    /**
     * As a head's pattern sums to one, its value bias adds the same to every position: {@code b_O
     * += Σ over heads of b_V W_O}, {@code b_V = 0}.
     */
    FOLD_VALUE_BIASES("value biases stand in b_O"),
    /**
     * Q with K, and V with O, are known only as products; each is written anew by the singular
     * value decomposition of its product: W_Q and W_K share its singular values evenly, biases
     * included, W_V has orthogonal columns as long as the singular values, W_O orthonormal rows.
     * Value biases are folded too.
     */
    REFACTOR_FACTORED_ATTN_MATRICES("W_Q, W_K, W_V, W_O are refactored by SVD of their products");

    private final String flag = name().toLowerCase(Locale.ROOT);
    private final String effect;

    Step(String effect) {
      this.effect = effect;
    }

    /** What it comes to, in one line. */
    public String effect() {
      return effect;
    }

    /** The flag's name, such as {@code fold_ln}. */
    @Override
    public String toString() {
      return flag;
    }
  }

  /** Keeps the steps, in their order. */
  public View {
    Set<Step> ordered = EnumSet.noneOf(Step.class);
    ordered.addAll(steps);
    steps = Collections.unmodifiableSet(ordered);
  }

  /** The view with these steps. */
  public static View of(Step... steps) {
    return new View(Set.of(steps));
  }

  /**
   * The view of a name: {@code raw}, {@code folded}, or steps with commas between.
   *
   * @throws IllegalArgumentException if there is none; says the nearest
   */
  public static View named(String name) {
    String text = name.strip().toLowerCase(Locale.ROOT);
    if (text.equals("raw")) {
      return RAW;
    }
    if (text.equals("folded")) {
      return FOLDED;
    }
    Set<Step> steps = EnumSet.noneOf(Step.class);
    for (String part : Arrays.asList(text.split(",", -1))) {
      steps.add(step(part.strip()));
    }
    return new View(steps);
  }

  private static Step step(String name) {
    List<String> known = new ArrayList<>();
    for (Step step : Step.values()) {
      if (step.toString().equals(name)) {
        return step;
      }
      known.add(step.toString());
    }
    known.add("raw");
    known.add("folded");
    List<String> near = Nearest.names(name, known, 1);
    throw new IllegalArgumentException(
        "there is no view \"%s\"; %s"
            .formatted(
                name,
                near.isEmpty()
                    ? "there are raw, folded, or of " + String.join(", ", known.subList(0, 5))
                    : "did you mean \"" + near.getFirst() + "\"?"));
  }

  /** Whether the weights are as they are stored. */
  public boolean isRaw() {
    return steps.isEmpty();
  }

  /** Whether a step was taken. */
  public boolean has(Step step) {
    return steps.contains(step);
  }

  /** This view without some steps. */
  public View without(Collection<Step> left) {
    Set<Step> rest = EnumSet.noneOf(Step.class);
    rest.addAll(steps);
    rest.removeAll(left);
    return new View(rest);
  }

  /** What one should know of its weights; a sentence. */
  public String convention() {
    return isRaw()
        ? "weights as stored: nothing folded or centred"
        : "view "
            + this
            + ": "
            + steps.stream().map(Step::effect).collect(Collectors.joining("; "));
  }

  /**
   * The view that things made from both would have; unknown with anything is that.
   *
   * @throws IllegalArgumentException if they are two
   */
  static Optional<View> common(Tensor a, Tensor b) {
    if (a.view().isPresent() && b.view().isPresent() && !a.view().equals(b.view())) {
      throw new IllegalArgumentException(
          ("%s is of the view %s and %s of the view %s: take both of one view (model.view(...)), or"
                  + " say withoutView() if they are meant to meet")
              .formatted(title(a), a.view().get(), title(b), b.view().get()));
    }
    return a.view().isPresent() ? a.view() : b.view();
  }

  private static String title(Tensor tensor) {
    return tensor.origin().map(Origin::name).orElseGet(tensor::shapeText);
  }

  /** Its name, as {@link #named} reads it. */
  @Override
  public String toString() {
    return isRaw()
        ? "raw"
        : equals(FOLDED)
            ? "folded"
            : steps.stream().map(Step::toString).collect(Collectors.joining(","));
  }
}
