package dev.vitrine.kernels;

import java.util.Map;

/** Prints one hash over a backend's results; a program, so that a test can start it with flags. */
public final class Fingerprint {
  /** Often enough that the loops have been compiled when the last hash is taken. */
  private static final int ROUNDS = 3;

  private Fingerprint() {}

  /** Takes a backend's name. */
  public static void main(String[] arguments) {
    try (Backend backend = Backends.open(arguments[0], 1)) {
      long first = of(backend);
      for (int round = 1; round < ROUNDS; round++) {
        if (of(backend) != first) {
          System.out.println("bits changed while the program ran");
          return;
        }
      }
      System.out.println(backend.description() + ": " + Long.toHexString(first));
    } catch (BackendUnavailableException e) {
      System.out.println("unavailable: " + e.getMessage());
    }
  }

  /** The hash. */
  public static long of(Backend backend) {
    long ordinary = hash(hash(1, Suite.run(backend, 40)), Suite.runReduced(backend, 42));
    return hash(ordinary, Suite.runSpecial(backend, 41));
  }

  private static long hash(long start, Map<String, float[]> results) {
    long hash = start;
    for (float[] numbers : results.values()) {
      for (int bits : Numbers.bits(numbers)) {
        hash = (hash ^ bits) * 0x100000001b3L;
      }
    }
    return hash;
  }
}
