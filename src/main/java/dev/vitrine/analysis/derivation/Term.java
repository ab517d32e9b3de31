package dev.vitrine.analysis.derivation;

/**
 * One term of a sum: a parent's element, or its product with another number.
 *
 * @param left what the first factor is, such as {@code attn.hook_z[head=1,d_head=0]}
 * @param a its value
 * @param right what the second factor is, such as {@code attn.W_O}; empty where the term is a alone
 * @param b its value; 1 where the term is a alone
 * @param part which of the sum's parts it goes to
 * @param partial that part's sum once the term is in it
 */
public record Term(String left, double a, String right, double b, int part, double partial) {

  /** What the term comes to, before it is rounded into the sum. */
  public double product() {
    return a * b;
  }
}
