package dev.vitrine.analysis;

/**
 * A part of the model that adds to the residual stream, or to a logit directly, and what it adds.
 *
 * @param name the site it writes, such as {@code blocks.3.attn.hook_result[head=1]}, or the weight
 *     it is, such as {@code blocks.3.attn.b_O}
 * @param label the short name that the literature uses, such as {@code L3H1}
 * @param layer the block, or -1 outside the blocks
 * @param head the head, or -1 if it is none
 * @param logit what it adds to the logit
 */
public record Component(String name, String label, int layer, int head, double logit) {

  /** Whether it is an attention head. */
  public boolean isHead() {
    return head >= 0;
  }
}
