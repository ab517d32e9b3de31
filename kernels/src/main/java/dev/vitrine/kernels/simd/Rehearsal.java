package dev.vitrine.kernels.simd;

import dev.vitrine.kernels.f32.Kernels;
import java.util.concurrent.PriorityBlockingQueue;

/**
 * Has the kernels compiled that are wanted, in a thread that keeps no program alive.
 *
 * <p>Until it is compiled a vector is an object, and a tile takes thousands of times as long. So
 * each part is run until it is faster than its plain twin, which plays it meanwhile.
 *
 * <p>That takes a processor for some tenths of a second, and the compiler as long. A program that
 * reads a model and asks it one question would be the later for it, where its own threads have use
 * for all processors: there the rehearsal waits until plain code has been at work for about as
 * long.
 */
final class Rehearsal implements Runnable {
  /** Whether vectors play from the first call on, as tests of them want it. */
  static final boolean IS_OFF = "off".equals(System.getProperty("vitrine.rehearsal"));

  /** Processors that are none too many for the program itself. */
  private static final int FEW = 2;

  private static final long PATIENCE_MILLIS = 400;

  /**
   * Calls with short loops between two looks at the clock. HotSpot compiles a method for good after
   * 15,000 calls and rounds of its loops, if 600 are calls; where they are fewer it takes 40,000
   * rounds, and compiles the loop before.
   */
  private static final int CALLS = 50;

  static final int VECTORS = 24;

  /** How often a part is tried at most; on some machine it may never be the faster. */
  private static final int ROUNDS = 1000;

  private static final int TRIES = 3;

  private static final PriorityBlockingQueue<Part> WANTED = new PriorityBlockingQueue<>();

  private final Kernels vectors;
  private final Kernels plain;
  private final Stage stage = new Stage();

  private Rehearsal(Kernels vectors, Kernels plain) {
    this.vectors = vectors;
    this.plain = plain;
  }

  static void begin(Kernels vectors, Kernels plain) {
    if (!IS_OFF) {
      Thread thread = new Thread(new Rehearsal(vectors, plain), "vitrine-rehearsal");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Takes a part that shall be learnt. */
  static void want(Part part) {
    WANTED.add(part);
  }

  @Override
  public void run() {
    try {
      WANTED.add(WANTED.take()); // waits for the first
      if (Runtime.getRuntime().availableProcessors() <= FEW) {
        Thread.sleep(PATIENCE_MILLIS);
      }
      while (true) {
        learn(WANTED.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void learn(Part part) throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      for (int call = 0; call < CALLS; call++) {
        part.play(vectors, stage, VECTORS);
      }
      if (time(part, vectors) < time(part, plain)) {
        part.learn();
        return;
      }
      Thread.sleep(1); // the compiler has more use for the processor
    }
  }

  private long time(Part part, Kernels kernels) {
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < TRIES; attempt++) {
      long start = System.nanoTime();
      part.play(kernels, stage, VECTORS);
      least = Math.min(least, System.nanoTime() - start);
    }
    return least;
  }
}
