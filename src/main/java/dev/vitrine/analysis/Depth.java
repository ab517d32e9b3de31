package dev.vitrine.analysis;

import dev.vitrine.trace.Site;
import dev.vitrine.weights.Config;
import java.util.Optional;

/**
 * A place along the depth of a model at which the residual stream is read: before a block, between
 * its attention and its MLP, or behind the last block.
 *
 * @param layer how many blocks have run as a whole
 * @param beforeMlp whether the attention of block {@code layer} has run too
 */
public record Depth(int layer, boolean beforeMlp) {

  /** Behind the last block, where the final layer norm reads. */
  public static Depth end(Config config) {
    return new Depth(config.layers(), false);
  }

  /** Before block {@code layer}, where its heads read; the number of layers is the end. */
  public static Depth before(int layer) {
    return new Depth(layer, false);
  }

  /** Between attention and MLP of block {@code layer}, where its neurons read. */
  public static Depth beforeMlp(int layer) {
    return new Depth(layer, true);
  }

  /**
   * The same, once it is certain that a model is that deep.
   *
   * @throws IllegalArgumentException if it is not, or has no MLP to stand before
   */
  Depth in(Config config) {
    int last = beforeMlp ? config.layers() - 1 : config.layers();
    if (layer < 0 || layer > last) {
      throw new IllegalArgumentException(
          "depth %s is not in a model of %d layers: take 0 to %d"
              .formatted(this, config.layers(), last));
    }
    if (beforeMlp && config.attentionOnly()) {
      throw new IllegalArgumentException(
          "depth %s: the model has no MLP; take Depth.before(%d)".formatted(this, layer + 1));
    }
    return this;
  }

  boolean isEnd(Config config) {
    return layer == config.layers();
  }

  /** Where the stream stands there; a model without blocks has none but its embeddings. */
  Site stream(Config config) {
    if (isEnd(config)) {
      return layer == 0 ? Site.embed() : Site.residPost(layer - 1);
    }
    return beforeMlp ? Site.residMid(layer) : Site.residPre(layer);
  }

  /** The divisor of the layer norm that reads there; empty in a model without layer norm. */
  Optional<Site> scale(Config config) {
    if (!config.layerNorm()) {
      return Optional.empty();
    }
    if (isEnd(config)) {
      return Optional.of(Site.lnFinalScale());
    }
    return Optional.of(beforeMlp ? Site.ln2Scale(layer) : Site.ln1Scale(layer));
  }

  /** Such as {@code 2_pre}, {@code 2_mid}. */
  @Override
  public String toString() {
    return layer + (beforeMlp ? "_mid" : "_pre");
  }
}
