package dev.vitrine.training.corpus;

/**
 * A text as token ids, with the weight that each token has in the loss.
 *
 * @param source the number of the source that wrote it
 * @param ids the tokens
 * @param marks for each token what it is: see the constants
 */
public record Document(int source, int[] ids, byte[] marks) {

  /** A token that nothing announces; learning to predict it would be in vain. */
  public static final byte RANDOM = 0;

  /** A token of running text. */
  public static final byte TEXT = 1;

  /** A token that the skill decides. */
  public static final byte DECIDED = 2;
}
