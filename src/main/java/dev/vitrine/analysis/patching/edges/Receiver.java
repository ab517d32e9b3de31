package dev.vitrine.analysis.patching.edges;

import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A place where the residual stream is read.
 *
 * @param layer its block; of the logits, the number of blocks, as they come behind all
 * @param head the head, or -1
 */
public record Receiver(Kind kind, int layer, int head) {

  /** What there is. */
  public enum Kind {
    /** What a head looks for: {@code hook_q_input}. */
    Q,
    /** What a head is found by: {@code hook_k_input}. */
    K,
    /** What a head moves: {@code hook_v_input}. */
    V,
    /** An MLP: {@code hook_mlp_in}. */
    MLP,
    /** The final layer norm and the unembedding. */
    LOGITS
  }

  /** All receivers of a model, in the order of computation. */
  public static List<Receiver> all(Config config) {
    List<Receiver> receivers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      for (int head = 0; head < config.heads(); head++) {
        receivers.add(new Receiver(Kind.Q, layer, head));
        receivers.add(new Receiver(Kind.K, layer, head));
        receivers.add(new Receiver(Kind.V, layer, head));
      }
      if (!config.attentionOnly()) {
        receivers.add(new Receiver(Kind.MLP, layer, -1));
      }
    }
    receivers.add(new Receiver(Kind.LOGITS, config.layers(), -1));
    return receivers;
  }

  /** Whether it is an input of a head. */
  public boolean isHead() {
    return head >= 0;
  }

  /** {@code L3H1.q}, {@code L3 MLP}, {@code logits}. */
  @Override
  public String toString() {
    return switch (kind) {
      case Q, K, V -> "L" + layer + "H" + head + "." + kind.name().toLowerCase(Locale.ROOT);
      case MLP -> "L" + layer + " MLP";
      case LOGITS -> "logits";
    };
  }
}
