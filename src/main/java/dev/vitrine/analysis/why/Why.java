package dev.vitrine.analysis.why;

import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Why a logit is what it is: a sum of what each component wrote, each of which is a sum again.
 *
 * <ul>
 *   <li>a logit, of the components that wrote to the residual stream (direct logit attribution);
 *   <li>a head, of the positions that it moved something from: {@code pattern[q, k] · v[k] W_O};
 *   <li>what it moved from a position, of the components that had written there before it read;
 *   <li>an MLP, of its neurons: {@code post[n] · W_out[n]};
 *   <li>a neuron, of the components that had written where it reads.
 * </ul>
 *
 * <p>Every sum is exact, but for rounding, under {@link #CONVENTION}. It is one of several that are
 * possible, and says nothing of what would happen if a term were not there: {@link #effects}
 * measures that.
 */
public final class Why {

  /** The convention in one line, for whoever shows the numbers. */
  public static final String CONVENTION =
      "layer norms' scales, attention patterns and the activations' gates (post / pre) frozen at"
          + " their values in this trace; parts add up to what they are parts of";

  /** Runs whose rows are computed together. */
  private static final int ROWS = 2048;

  private final Trace trace;
  private final int position;
  private final int token;
  private final OptionalInt against;
  private final Term root;

  private Why(Trace trace, int position, int token, OptionalInt against) {
    this.trace = trace;
    this.position = position;
    this.token = token;
    this.against = against;
    this.root = new Decomposition(trace).logit(position, token, against);
  }

  /**
   * Explains the logit of a token.
   *
   * @param position a negative one counts from the end
   * @throws IllegalArgumentException if the trace has no such position, or the model no such token
   */
  public static Why of(Trace trace, int position, int token) {
    return new Why(trace, resolve(trace, position), check(trace, token), OptionalInt.empty());
  }

  /** Explains the logit of a token less that of another. */
  public static Why ofDifference(Trace trace, int position, int token, int against) {
    return new Why(
        trace,
        resolve(trace, position),
        check(trace, token),
        OptionalInt.of(check(trace, against)));
  }

  private static int resolve(Trace trace, int position) {
    int at = position < 0 ? trace.size() + position : position;
    if (at < 0 || at >= trace.size()) {
      throw new IllegalArgumentException(
          "position %d is not there: the prompt has %d tokens, 0 to %d"
              .formatted(position, trace.size(), trace.size() - 1));
    }
    return at;
  }

  private static int check(Trace trace, int token) {
    int vocab = trace.model().config().vocab();
    if (token < 0 || token >= vocab) {
      throw new IllegalArgumentException(
          "token id %d is not in 0 … %d".formatted(token, vocab - 1));
    }
    return token;
  }

  /** The trace. */
  public Trace trace() {
    return trace;
  }

  /** The position of the logit. */
  public int position() {
    return position;
  }

  /** The token whose logit it is. */
  public int token() {
    return token;
  }

  /** The token whose logit is taken away, if one is. */
  public OptionalInt against() {
    return against;
  }

  /** The logit, or the difference. */
  public Term root() {
    return root;
  }

  /**
   * What the logit loses when each of the terms is set to zero, measured: {@code logit - logit
   * without it}, with all that the term does through others. Terms that are biases are left out.
   */
  public Map<Term, Double> effects(Collection<Term> terms) {
    List<Term> measured =
        terms.stream().filter(term -> term.ablation().isPresent()).distinct().toList();
    Map<Term, Double> effects = new LinkedHashMap<>();
    int chunk = Math.max(1, ROWS / trace.size());
    Batch base = new Batch(List.of(trace));
    for (int from = 0; from < measured.size(); from += chunk) {
      List<Term> some = measured.subList(from, Math.min(from + chunk, measured.size()));
      List<List<Edit>> edits = new ArrayList<>();
      some.forEach(term -> edits.add(List.of(Edit.zero(term.ablation().orElseThrow()))));
      List<Batch> without = Batch.derived(Collections.nCopies(some.size(), base), edits);
      for (int i = 0; i < some.size(); i++) {
        effects.put(some.get(i), root.value() - logit(without.get(i).get(0)));
      }
    }
    return effects;
  }

  private double logit(Trace run) {
    Tensor logits = run.logits(position);
    double logit = logits.get(token);
    return against.isPresent() ? logit - logits.get(against.getAsInt()) : logit;
  }
}
