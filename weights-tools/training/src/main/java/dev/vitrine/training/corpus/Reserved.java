package dev.vitrine.training.corpus;

import java.nio.charset.StandardCharsets;

/**
 * Says which combinations are kept out of training: about one in ten, by a hash of its description.
 */
public final class Reserved {

  private static final int ONE_IN = 10;

  private Reserved() {}

  /** Whether this combination is reserved for measuring. */
  public static boolean holds(String combination) {
    return place(combination, ONE_IN) == 0;
  }

  /** A number from 0 to count - 1 that depends on the text alone. */
  public static int place(String text, int count) {
    long hash = 0xCBF29CE484222325L;
    for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (value & 0xFF)) * 0x100000001B3L;
    }
    hash ^= hash >>> 32;
    hash *= 0x9E3779B97F4A7C15L;
    return (int) Long.remainderUnsigned(hash >>> 16, count);
  }
}
