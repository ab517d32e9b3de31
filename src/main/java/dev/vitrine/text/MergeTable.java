package dev.vitrine.text;

import java.util.Arrays;

/**
 * The merges of a vocabulary by the pair that they join. Symbols are numbered by rank: the 256
 * bytes, then the product of each merge in the order of the merges.
 *
 * <p>It exists to check a vocabulary. jtokkit joins any two neighbours whose bytes together are a
 * token; the merges say which two. The two agree on every text if and only if each token's own
 * bytes merge to that token: then the last two parts of a token's span can be none but the pair of
 * its merge, wherever the span stands.
 */
final class MergeTable {

  static final int BYTES = 256;

  private final long[] pairs;
  private final int[] products;
  private final int mask;
  private int size = BYTES;

  MergeTable(int merges) {
    int capacity = Integer.highestOneBit(Math.max(8, merges)) * 4;
    pairs = new long[capacity];
    products = new int[capacity];
    mask = capacity - 1;
    Arrays.fill(pairs, -1);
  }

  /** Adds the next merge; its product gets the next rank. */
  void add(int left, int right) {
    int slot = slot(left, right);
    pairs[slot] = pair(left, right);
    products[slot] = size++;
  }

  /** The rank of what two symbols merge to, or -1. */
  private int product(int left, int right) {
    int slot = slot(left, right);
    return pairs[slot] < 0 ? -1 : products[slot];
  }

  private int slot(int left, int right) {
    long pair = pair(left, right);
    int slot = (int) ((pair * 0x9e3779b97f4a7c15L) >>> 40) & mask;
    while (pairs[slot] >= 0 && pairs[slot] != pair) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  /** The ranks that bytes merge to: the lowest merge first, the leftmost among equals. */
  int[] merge(byte[] bytes) {
    int[] symbols = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      symbols[i] = bytes[i] & 0xff;
    }
    int length = symbols.length;
    while (true) {
      int best = Integer.MAX_VALUE;
      int at = -1;
      for (int i = 0; i + 1 < length; i++) {
        int product = product(symbols[i], symbols[i + 1]);
        if (product >= 0 && product < best) {
          best = product;
          at = i;
        }
      }
      if (at < 0) {
        return Arrays.copyOf(symbols, length);
      }
      symbols[at] = best;
      System.arraycopy(symbols, at + 2, symbols, at + 1, length - at - 2);
      length--;
    }
  }
}
