package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Span;
import dev.vitrine.trace.Hook;
import java.util.List;

/**
 * Who looks at a forward pass, and may reach into it: it is told each tensor under its name as soon
 * as it exists, and hands back the one that goes on.
 */
public interface Watch {

  /** Nobody looks, and the logits are wanted. */
  Watch NOBODY = hook -> hook == Hook.LOGITS;

  /**
   * Whether it looks at this one. The pass makes some tensors only for those who look (attention
   * patterns, heads' results), and announces the others anyway.
   */
  boolean wants(Hook hook);

  /** Whether it changes this one: then the pass takes apart the step that makes it. */
  default boolean edits(Hook hook) {
    return false;
  }

  /** Whether it gives head {@code head} an input of its own, so that this hook has to be read. */
  default boolean edits(Hook input, int head) {
    return false;
  }

  /**
   * Is told a tensor; its rows are the rows of the pass.
   *
   * @return what the pass goes on with: the same, or another of its shape
   */
  default Array see(Hook hook, Array tensor) {
    return tensor;
  }

  /**
   * Is told the attention of every span before the softmax, and may change scores in place.
   *
   * @return the spans whose scores it changed
   */
  default List<Span> seeScores(List<Span> spans) {
    return List.of();
  }

  /**
   * Is told the attention of every span after the softmax, and may change patterns in place.
   *
   * @return the spans whose scores or pattern it changed
   */
  default List<Span> seePattern(List<Span> spans) {
    return List.of();
  }

  /** Reaches in where this one does, and looks at nothing. */
  default Watch unseen() {
    return this;
  }
}
