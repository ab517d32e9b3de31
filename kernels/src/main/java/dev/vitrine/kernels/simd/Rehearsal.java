package dev.vitrine.kernels.simd;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.f32.Kernels;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the kernels before somebody waits for them, while a model is still being read.
 *
 * <p>Until it is compiled a vector is an object, and a tile takes thousands of times as long. And a
 * vector's class that is first met in the middle of a pass makes the compiler throw away what it
 * had. So each kernel runs once, which loads the classes, and the tiles as often as it takes to
 * have them compiled: the first pass over 64 tokens takes 0.65 of its time, the second 0.45
 * (AVX-512 Xeon, three runs of each in turn).
 */
final class Rehearsal {
  /** HotSpot compiles a method after some hundred calls with long loops. */
  private static final int CALLS = 1000;

  private static final int COUNT = 128;

  private static final AtomicBoolean BEGUN = new AtomicBoolean();

  private final Kernels kernels;
  private final float[] x = new float[Kernels.MAX_TILE * COUNT + Kernels.MAX_WIDTH];
  private final float[] y = new float[Kernels.MAX_TILE * COUNT + Kernels.MAX_WIDTH];
  private final float[] w = new float[(COUNT + 2) * Kernels.MAX_WIDTH];
  private final float[] out = new float[Kernels.MAX_TILE * Kernels.MAX_WIDTH];
  private final float[] room = new float[Kernels.MAX_TILE * Kernels.MAX_WIDTH];
  private final float[] partials = new float[Kernels.PARTIALS];

  private Rehearsal(Kernels kernels) {
    this.kernels = kernels;
  }

  /** Begins, if nobody has, in a thread that keeps no program alive. */
  static void begin(Kernels kernels) {
    if (!BEGUN.getAndSet(true)) {
      Rehearsal rehearsal = new Rehearsal(kernels);
      Thread thread = new Thread(rehearsal::run, "vitrine-rehearsal");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run() {
    all();
    for (int call = 0; call < CALLS; call++) {
      tiles(kernels.tileRows(), call % 6 == 0);
      if (call % 4 == 0) {
        tiles(1, call % 24 == 0);
        kernels.interleave(x, 0, COUNT, kernels.tileRows(), COUNT, y, 0);
        rows(COUNT);
      }
    }
  }

  private void all() {
    for (int rows = kernels.tileRows(); rows >= 1; rows = rows == 12 ? 4 : rows / 2) {
      tiles(rows, true);
      tiles(rows, false);
      kernels.interleave(x, 0, COUNT, rows, COUNT, y, 0);
    }
    kernels.more(x, 0, w, 0, 2, out, 0);
    kernels.scale(x, 0, COUNT, 1f);
    kernels.add(x, 0, y, 0, y, 0, COUNT);
    kernels.add(out, 0, 0, x, 0, 0, 1, out, 0, 0);
    for (Activation activation : Activation.values()) {
      kernels.activate(activation, x, 0, y, 0, COUNT, w);
    }
    rows(COUNT);
    kernels.logSoftmax(x, 0, y, 0, COUNT, partials);
  }

  private void tiles(int rows, boolean first) {
    kernels.tile(x, 0, rows, w, 0, COUNT, first, out, 0, 0, 1, room);
  }

  private void rows(int count) {
    kernels.layerNorm(x, 0, count, w, 0, w, 0, 1e-5f, y, 0, null, 0, partials);
    kernels.softmax(x, 0, y, 0, count, partials);
    kernels.activate(Activation.GELU_NEW, x, 0, y, 0, count, w);
  }
}
