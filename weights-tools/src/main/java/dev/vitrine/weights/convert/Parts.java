package dev.vitrine.weights.convert;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.TensorWriter;
import dev.vitrine.weights.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The tensors of a file to be, each read only when its turn has come. */
final class Parts {

  private record Part(String name, Dtype dtype, List<Long> shape, Writing writing) {}

  private interface Writing {
    void to(TensorWriter writer, String name);
  }

  private final List<Part> parts = new ArrayList<>();

  /** A matrix as it is, row by row. */
  void matrix(String name, Dtype dtype, Source source) {
    List<Long> shape = List.of((long) source.rows(), (long) source.columns());
    parts.add(
        new Part(
            name,
            dtype,
            shape,
            (writer, to) -> {
              double[] row = new double[source.columns()];
              for (int i = 0; i < source.rows(); i++) {
                source.read(i, 0, row.length, row, 0);
                writer.write(to, row);
              }
            }));
  }

  /** A matrix with rows and columns exchanged; it is held in memory while it is written. */
  void transposed(String name, Dtype dtype, Source source) {
    List<Long> shape = List.of((long) source.columns(), (long) source.rows());
    parts.add(
        new Part(
            name,
            dtype,
            shape,
            (writer, to) -> {
              int rows = source.rows();
              double[] all = new double[Math.multiplyExact(rows, source.columns())];
              double[] row = new double[source.columns()];
              for (int i = 0; i < rows; i++) {
                source.read(i, 0, row.length, row, 0);
                for (int j = 0; j < row.length; j++) {
                  all[j * rows + i] = row[j];
                }
              }
              writer.write(to, all);
            }));
  }

  /** A vector. */
  void vector(String name, Dtype dtype, int length, Supplier<double[]> vector) {
    parts.add(
        new Part(
            name, dtype, List.of((long) length), (writer, to) -> writer.write(to, vector.get())));
  }

  /** Writes them all; the caller finishes. */
  void writeTo(TensorWriter writer) {
    for (Part part : parts) {
      long[] shape = part.shape().stream().mapToLong(Long::longValue).toArray();
      writer.declare(part.name(), part.dtype(), shape);
    }
    parts.forEach(part -> part.writing().to(writer, part.name()));
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
