package dev.vitrine.analysis.circuits;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.HEAD2;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.LAYER2;

import dev.vitrine.analysis.tasks.GreaterThan;
import dev.vitrine.analysis.tasks.IndirectObject;
import dev.vitrine.analysis.tasks.RepeatedTokens;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the circuits of a model look like, without a prompt of one's own: which heads are of a known
 * kind, which copy, how they compose, and what the model can do with them.
 *
 * @param model in the view that was asked
 * @param repeated how it does on random tokens that repeat; null where its context is too short
 * @param kinds for each known kind the score of each head on these tokens, {@code [layer, head]}
 * @param copying the copying score of each head's full OV circuit, {@code [layer, head]}
 * @param compositions the composition scores, {@code [layer, head, layer2, head2]}
 * @param indirectObject how it does on that task, where it can be asked
 * @param greaterThan how it does on that task, where it can be asked
 * @param notes what could not be asked, and why
 */
public record CircuitReport(
    Gpt2 model,
    @Nullable RepeatedTokens repeated,
    Map<HeadDetector, Tensor> kinds,
    Tensor copying,
    Map<Composition, Tensor> compositions,
    Optional<IndirectObject> indirectObject,
    Optional<GreaterThan> greaterThan,
    List<String> notes) {

  /** How many steps {@link #of} takes. */
  public static final int STEPS = 7;

  private static final int PERIOD = 40;
  private static final int SEQUENCES = 4;
  private static final int QUESTIONS = 50;

  /** Keeps the collections as they are. */
  public CircuitReport {
    kinds = Collections.unmodifiableMap(new LinkedHashMap<>(kinds));
    compositions = Collections.unmodifiableMap(new EnumMap<>(compositions));
    notes = List.copyOf(notes);
  }

  /**
   * Looks at a model.
   *
   * @param seed from which random tokens and prompts are drawn
   * @param step is told after each of {@link #STEPS} steps
   */
  public static CircuitReport of(Gpt2 model, long seed, Runnable step) {
    List<String> notes = new ArrayList<>();
    int period = Math.min(PERIOD, model.config().context() / 2);
    RepeatedTokens repeated = null;
    Map<HeadDetector, Tensor> kinds = new LinkedHashMap<>();
    if (period >= 2) {
      RepeatedTokens tokens = RepeatedTokens.of(model, period, SEQUENCES, seed);
      HeadDetector.known()
          .forEach(kind -> kinds.put(kind, HeadScores.MUL.of(tokens.traces(), kind)));
      repeated = tokens;
    } else {
      notes.add("no repeated tokens: they need a context of 4 or more");
    }
    step.run();
    Circuits circuits = new Circuits(model);
    Tensor copying = circuits.copyingScores();
    step.run();
    Map<Composition, Tensor> compositions = new EnumMap<>(Composition.class);
    for (Composition kind : Composition.values()) {
      compositions.put(kind, circuits.composition(kind));
      step.run();
    }
    Optional<IndirectObject> object = asked(notes, () -> IndirectObject.of(model, QUESTIONS, seed));
    step.run();
    Optional<GreaterThan> greater = asked(notes, () -> GreaterThan.of(model, QUESTIONS, seed));
    step.run();
    return new CircuitReport(model, repeated, kinds, copying, compositions, object, greater, notes);
  }

  private static <T> Optional<T> asked(List<String> notes, Supplier<T> task) {
    try {
      return Optional.of(task.get());
    } catch (IllegalStateException | IllegalArgumentException e) {
      notes.add(e.getMessage()); // words that the model has not, or prompts too long for it
      return Optional.empty();
    }
  }

  /**
   * Two heads of which the second reads what the first writes.
   *
   * @param score how much, as {@link Circuits#composition} says
   */
  public record Pair(int layer, int head, int layer2, int head2, double score) {

    /** Such as {@code L0H3}. */
    public String writer() {
      return "L" + layer + "H" + head;
    }

    /** Such as {@code L1H1}. */
    public String reader() {
      return "L" + layer2 + "H" + head2;
    }
  }

  /** All pairs whose writer is in a lower layer, the strongest first. */
  public List<Pair> pairs(Composition kind) {
    Tensor scores = compositions.get(kind);
    if (scores == null) {
      return List.of();
    }
    List<Pair> pairs = new ArrayList<>();
    Tensor ordered = scores.permute(LAYER, HEAD, LAYER2, HEAD2);
    for (int layer = 0; layer < ordered.size(LAYER); layer++) {
      for (int layer2 = layer + 1; layer2 < ordered.size(LAYER2); layer2++) {
        for (int head = 0; head < ordered.size(HEAD); head++) {
          for (int head2 = 0; head2 < ordered.size(HEAD2); head2++) {
            double score = ordered.get(layer, head, layer2, head2);
            pairs.add(new Pair(layer, head, layer2, head2, score));
          }
        }
      }
    }
    pairs.sort(Comparator.comparingDouble(Pair::score).reversed());
    return pairs;
  }
}
