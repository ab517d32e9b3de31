package dev.vitrine.training.corpus;

/** A text as token ids, with a mark on each token that says what it is worth in the loss. */
public final class Document {

  /** A token that nothing announces; learning to predict it would be in vain. */
  public static final byte RANDOM = 0;

  /** A token of running text. */
  public static final byte TEXT = 1;

  /** A token that the skill decides. */
  public static final byte DECIDED = 2;

  private final int[] ids;
  private final byte[] marks;

  /** A document of these tokens, each with its mark. */
  public Document(int[] ids, byte[] marks) {
    this.ids = ids.clone();
    this.marks = marks.clone();
  }

  /** How many tokens there are. */
  public int length() {
    return ids.length;
  }

  /** The token ids. */
  public int[] ids() {
    return ids.clone();
  }

  /** The marks, one for each token. */
  public byte[] marks() {
    return marks.clone();
  }
}
