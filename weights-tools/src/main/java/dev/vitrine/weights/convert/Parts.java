package dev.vitrine.weights.convert;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.Progress;
import dev.vitrine.weights.TensorWriter;
import dev.vitrine.weights.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The tensors of a file to be, each opened and read only when its turn has come, so that a model of
 * any size is converted in the memory of a few rows.
 */
final class Parts {

  /** Columns are gathered so many elements at a time: 32 MiB of doubles. */
  private static final int WINDOW = 1 << 22;

  /** From here on, a half-precision number is rounded to infinity. */
  private static final double HALF_OVERFLOW = 65520;

  private record Part(String name, Dtype dtype, List<Long> shape, Writing writing) {}

  private interface Writing {
    void to(Sink sink);
  }

  private interface Sink {
    void write(double... elements);
  }

  private final List<Part> parts = new ArrayList<>();

  /** A matrix as it is, row by row. */
  void matrix(String name, Dtype dtype, Supplier<Source> matrix) {
    Source source = matrix.get();
    table(name, dtype, List.of((long) source.rows(), (long) source.columns()), matrix);
  }

  /** The same under another shape of as many elements. */
  void table(String name, Dtype dtype, List<Long> shape, Supplier<Source> matrix) {
    parts.add(
        new Part(
            name,
            dtype,
            shape,
            sink -> {
              Source source = matrix.get();
              double[] row = new double[source.columns()];
              for (int i = 0; i < source.rows(); i++) {
                source.read(i, 0, row.length, row, 0);
                sink.write(row);
              }
            }));
  }

  /** A matrix with rows and columns exchanged. */
  void transposed(String name, Dtype dtype, Supplier<Source> matrix) {
    Source source = matrix.get();
    List<Long> shape = List.of((long) source.columns(), (long) source.rows());
    parts.add(
        new Part(name, dtype, shape, sink -> columns(matrix.get(), 0, source.columns(), sink)));
  }

  /**
   * Some columns of a matrix, head after head, each head's row by row.
   *
   * @param first the first column of the first head
   */
  void heads(String name, Dtype dtype, Config config, int first, Supplier<Source> matrix) {
    int dHead = config.dHead();
    List<Long> shape = List.of((long) config.heads(), (long) config.dModel(), (long) dHead);
    parts.add(
        new Part(
            name,
            dtype,
            shape,
            sink -> {
              Source source = matrix.get();
              double[] head = new double[source.rows() * dHead];
              for (int h = 0; h < config.heads(); h++) {
                for (int row = 0; row < source.rows(); row++) {
                  source.read(row, first + h * dHead, dHead, head, row * dHead);
                }
                sink.write(head);
              }
            }));
  }

  private static void columns(Source source, int from, int to, Sink sink) {
    int rows = source.rows();
    int width = Math.clamp(WINDOW / Math.max(1, rows), 1, Math.max(1, to - from));
    double[] run = new double[width];
    for (int first = from; first < to; first += width) {
      int count = Math.min(width, to - first);
      double[] window = new double[count * rows];
      for (int row = 0; row < rows; row++) {
        source.read(row, first, count, run, 0);
        for (int column = 0; column < count; column++) {
          window[column * rows + row] = run[column];
        }
      }
      sink.write(window);
    }
  }

  /** A vector. */
  void vector(String name, Dtype dtype, int length, Supplier<double[]> vector) {
    folded(name, dtype, List.of((long) length), vector);
  }

  /** A vector under another shape of as many elements. */
  void folded(String name, Dtype dtype, List<Long> shape, Supplier<double[]> vector) {
    parts.add(new Part(name, dtype, shape, sink -> sink.write(vector.get())));
  }

  /**
   * Writes them all; the caller finishes.
   *
   * @throws WeightsException also if a number is beyond what its dtype can hold
   */
  void writeTo(TensorWriter writer, Progress progress) {
    long total = 0;
    for (Part part : parts) {
      long[] shape = part.shape().stream().mapToLong(Long::longValue).toArray();
      writer.declare(part.name(), part.dtype(), shape);
      total += size(part);
    }
    long done = 0;
    for (Part part : parts) {
      part.writing()
          .to(elements -> {
            checkRange(part, elements);
            writer.write(part.name(), elements);
          });
      done += size(part);
      progress.at(part.name(), done, total);
    }
  }

  private static long size(Part part) {
    return part.shape().stream().reduce(1L, (a, b) -> a * b);
  }

  /** An infinity that was none in the model would pass silently into all that it computes. */
  private static void checkRange(Part part, double... elements) {
    double most =
        switch (part.dtype()) {
          case F16 -> HALF_OVERFLOW;
          case Q8_0 -> 127 * HALF_OVERFLOW; // a block's scale has half precision
          default -> Double.POSITIVE_INFINITY;
        };
    for (double element : elements) {
      if (Math.abs(element) >= most && Double.isFinite(element)) {
        throw new WeightsException(
            "'%s' has an element %s, which %s cannot hold; write BF16 or F32"
                .formatted(part.name(), element, part.dtype()));
      }
    }
  }

  /**
   * Refuses what only TransformerLens can say.
   *
   * @throws WeightsException if the model has something that others' GPT-2 has not
   */
  static void checkPlain(Gpt2Weights weights, String format) {
    Config config = weights.config();
    String what =
        config.attentionOnly()
            ? "no MLPs"
            : !config.layerNorm()
                ? "no layer norm"
                : !config.positions()
                    ? "no position embedding"
                    : config.heads() * config.dHead() != config.dModel()
                        ? "heads · d_head other than d_model"
                        : config.attentionScale() != Math.sqrt(config.dHead())
                            ? "an attention scale of its own"
                            : hasUnembeddingBias(weights) ? "an unembedding bias" : "";
    if (!what.isEmpty()) {
      throw new WeightsException(
          weights.checkpoint().origin()
              + ": has "
              + what
              + ", which "
              + format
              + " cannot say of a GPT-2; keep TransformerLens's names");
    }
  }

  private static boolean hasUnembeddingBias(Gpt2Weights weights) {
    double[] bias = weights.unembeddingBias();
    if (bias != null) {
      for (double value : bias) {
        if (value != 0) {
          return true;
        }
      }
    }
    return false;
  }
}
