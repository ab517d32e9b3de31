package dev.vitrine.analysis.patching;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Trace;
import java.util.List;
import java.util.stream.IntStream;

/** Two runs that activations are moved between: prompt by prompt, position by position. */
final class Pairs {
  private Pairs() {}

  /**
   * Makes sure that every prompt has one to be patched from.
   *
   * @throws IllegalArgumentException if not; says where
   */
  static void check(Batch base, Batch source) {
    if (base.size() == 0 || base.size() != source.size()) {
      throw new IllegalArgumentException(
          "there are %d prompts to patch and %d to patch from: each needs one"
              .formatted(base.size(), source.size()));
    }
    for (int b = 0; b < base.size(); b++) {
      Trace ours = base.get(b);
      Trace theirs = source.get(b);
      if (!ours.model().equals(theirs.model())) {
        throw new IllegalArgumentException(
            "the two runs are of different models or views: run both with one");
      }
      if (ours.size() != theirs.size()) {
        throw new IllegalArgumentException(
            ("the prompts have %d and %d tokens: activations are moved between equal positions, so"
                    + " give prompts of as many tokens each")
                .formatted(ours.size(), theirs.size()));
      }
    }
  }

  static List<Integer> lengths(Batch batch) {
    return batch.traces().stream().map(Trace::size).toList();
  }

  /** An axis of a sweep over a batch, with its labels. */
  static Dimension dimension(Axis axis, Batch batch) {
    return switch (axis) {
      case LAYER -> axis.of(batch.get(0).model().config().layers());
      case HEAD -> axis.of(batch.get(0).model().config().heads());
      default ->
          axis.of(IntStream.range(0, batch.get(0).size()).mapToObj(p -> label(batch, p)).toList());
    };
  }

  /** The token at a position where all prompts have the same there, otherwise its number. */
  private static String label(Batch batch, int position) {
    List<String> tokens =
        batch.traces().stream().map(trace -> trace.tokens().string(position)).distinct().toList();
    return tokens.size() == 1 ? tokens.getFirst() : Integer.toString(position);
  }
}
