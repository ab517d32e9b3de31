package dev.vitrine.cli.patching;

import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import java.util.List;

/** Prompts in pairs, of which activations can be moved from one to the other. */
final class Pairing {
  private Pairing() {}

  /**
   * Makes sure that the pairs are of equal length.
   *
   * @throws IllegalArgumentException if not; shows both
   */
  static void check(Batch base, List<Tokens> others) {
    if (base.size() != others.size()) {
      throw new IllegalArgumentException(
          "there are %d prompts to patch and %d to patch from: give one --from for each"
              .formatted(base.size(), others.size()));
    }
    for (int b = 0; b < others.size(); b++) {
      Tokens ours = base.get(b).tokens();
      Tokens theirs = others.get(b);
      if (ours.size() != theirs.size()) {
        throw new IllegalArgumentException(
            "the prompts must have as many tokens each: %d in %s, %d in %s"
                .formatted(ours.size(), text(ours), theirs.size(), text(theirs)));
      }
    }
  }

  static String text(Tokens tokens) {
    return String.join("|", tokens.strings()).replace("\n", "\\n").replace("\r", "\\r");
  }
}
