package dev.vitrine.benchmarks;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Times the products of GPT-2 small beside those of OpenBLAS; see {@code benchmarks/peers}. Each
 * call takes the next of several matrices, so that the weights come from memory, as in a forward
 * pass: {@code peer_kernels.py} does the same with as many bytes.
 */
public final class ProductRun {
  private static final List<String> SHAPES =
      List.of("768x2304", "768x768", "768x3072", "3072x768", "768x50257");
  private static final int[] ROWS = {16, 64, 256, 1024};

  /** Three times the caches of the machine that has the most. */
  private static final long FLOATS = 192L << 20;

  private ProductRun() {}

  /**
   * Runs all shapes, or some.
   *
   * @param args how many threads, where to append the figures, milliseconds of timing for each, and
   *     the shapes, {@code in x out}, if not all
   */
  public static void main(String[] args) throws IOException {
    int threads = Integer.parseInt(args[0]);
    try (Backend backend = Backends.open("auto", threads)) {
      Figures figures =
          new Figures(Path.of(args[1]), backend.name(), "f32", threads, Long.parseLong(args[2]));
      List<String> some = Arrays.asList(args).subList(3, args.length);
      for (String shape : some.isEmpty() ? SHAPES : some) {
        run(backend, shape, figures);
      }
    }
  }

  private static void run(Backend backend, String shape, Figures figures) throws IOException {
    int in = Shape.in(shape);
    int columns = Shape.out(shape);
    List<Matrix> matrices = new ArrayList<>();
    for (long held = 0; held < FLOATS; held += (long) in * columns) {
      matrices.add(backend.pack(new Ramp(in, columns), 128));
    }
    for (int rows : ROWS) {
      Array x = backend.rows(rows, in);
      Array out = backend.rows(rows, columns);
      float[] row = new float[in];
      for (int r = 0; r < rows; r++) {
        new Ramp(rows, in).read(r, 0, in, row, 0);
        backend.write(x, r, 0, in, row, 0);
      }
      Turns turns = new Turns(matrices);
      double[] millis = figures.timed(() -> backend.product(x, turns.next(), null, out));
      double operations = 2e-6 * rows * in * columns;
      figures.put(
          "product",
          rows + "x" + shape,
          "GFLOP/s",
          Arrays.stream(millis).map(ms -> operations / ms).toArray());
    }
  }

  /** One matrix after another, round and round. */
  private static final class Turns {
    private final List<Matrix> matrices;
    private Iterator<Matrix> left;

    Turns(List<Matrix> matrices) {
      this.matrices = matrices;
      this.left = matrices.iterator();
    }

    Matrix next() {
      if (!left.hasNext()) {
        left = matrices.iterator();
      }
      return left.next();
    }
  }
}
