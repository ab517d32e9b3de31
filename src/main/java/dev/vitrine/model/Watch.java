package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Span;
import dev.vitrine.trace.Hook;
import java.util.List;

/** Who looks at a forward pass: it is told each tensor under its name as soon as it exists. */
public interface Watch {

  /** Nobody looks, and the logits are wanted. */
  Watch NOBODY = hook -> hook == Hook.LOGITS;

  /**
   * Whether it looks at this one. The pass makes some tensors only for those who look (attention
   * patterns, heads' results), and announces the others anyway.
   */
  boolean wants(Hook hook);

  /** Is told a tensor; its rows are the rows of the pass. */
  default Array see(Hook hook, Array tensor) {
    return tensor;
  }

  /** Is told the attention of every span, its scores and its pattern among them if wanted. */
  default void seeAttention(List<Span> spans) {}
}
