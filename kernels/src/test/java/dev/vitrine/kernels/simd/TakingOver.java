package dev.vitrine.kernels.simd;

import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Fingerprint;

/**
 * Computes until every kernel that it needs has gone from plain code to vectors, and prints the one
 * hash over the results; a program, as code is compiled once in a process.
 */
public final class TakingOver {
  /** A busy machine may take so long. Then nothing has been shown, and that is said. */
  private static final long NANOS = 120_000_000_000L;

  private TakingOver() {}

  /** Takes nothing. */
  public static void main(String[] arguments) {
    try (Backend backend = Backends.open("simd", 1)) {
      long expected = Fingerprint.of(backend);
      if (isOver()) {
        System.out.println("plain code never stood in");
        return;
      }
      long end = System.nanoTime() + NANOS;
      while (!isOver()) {
        if (Fingerprint.of(backend) != expected) {
          System.out.println("bits changed while vectors took over");
          return;
        }
        if (System.nanoTime() > end) {
          System.out.println("vectors did not take over");
          return;
        }
      }
      boolean same = Fingerprint.of(backend) == expected;
      System.out.println(
          (same ? "vectors took over: " : "bits changed: ") + Long.toHexString(expected));
    }
  }

  /** The tiles suffice: plain code may be as fast at what is no more than a loop over a row. */
  private static boolean isOver() {
    return (Part.TWELVE_ROWS.isLearnt() || Vectors.LANES < 16)
        && Part.FOUR_ROWS.isLearnt()
        && Part.TWO_ROWS.isLearnt()
        && Part.ONE_ROW.isLearnt()
        && Part.GELU_BY_TANH.isLearnt();
  }
}
