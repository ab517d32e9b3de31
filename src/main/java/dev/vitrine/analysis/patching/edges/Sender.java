package dev.vitrine.analysis.patching.edges;

import static dev.vitrine.tensor.Axis.HEAD;

import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of the model that writes to the residual stream.
 *
 * @param layer its block; -1 for the embedding, which comes before all
 * @param head the head, or -1
 */
public record Sender(Kind kind, int layer, int head) {

  /** What there is. */
  public enum Kind {
    /** The token's embedding and the position's. */
    EMBED,
    /** An attention head: its {@code hook_result}. */
    HEAD,
    /** An MLP: its {@code hook_mlp_out}. */
    MLP
  }

  /** The embedding. */
  public static final Sender EMBED = new Sender(Kind.EMBED, -1, -1);

  /** A head. */
  public static Sender head(int layer, int head) {
    return new Sender(Kind.HEAD, layer, head);
  }

  /** An MLP. */
  public static Sender mlp(int layer) {
    return new Sender(Kind.MLP, layer, -1);
  }

  /** All senders of a model, in the order of computation. */
  public static List<Sender> all(Config config) {
    List<Sender> senders = new ArrayList<>();
    senders.add(EMBED);
    for (int layer = 0; layer < config.layers(); layer++) {
      for (int head = 0; head < config.heads(); head++) {
        senders.add(head(layer, head));
      }
      if (!config.attentionOnly()) {
        senders.add(mlp(layer));
      }
    }
    return senders;
  }

  /** Whether a receiver reads what it writes. */
  public boolean reaches(Receiver receiver) {
    boolean sameLayer = receiver.kind() == Receiver.Kind.MLP && kind == Kind.HEAD;
    return sameLayer ? layer <= receiver.layer() : layer < receiver.layer();
  }

  /** What it writes, {@code [batch, position, d_model]}. */
  Tensor written(Batch batch) {
    return switch (kind) {
      case EMBED -> batch.tensor(Site.residPre(0));
      case HEAD -> batch.tensor(Site.result(layer)).at(HEAD, head);
      case MLP -> batch.tensor(Site.mlpOut(layer));
    };
  }

  /** The short name that the literature uses: {@code embed}, {@code L3H1}, {@code L3 MLP}. */
  @Override
  public String toString() {
    return switch (kind) {
      case EMBED -> "embed";
      case HEAD -> "L" + layer + "H" + head;
      case MLP -> "L" + layer + " MLP";
    };
  }
}
