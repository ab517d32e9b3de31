package dev.vitrine.model;

import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.LAYER;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.weights.Config;
import org.jspecify.annotations.Nullable;

/** Reads weights out of what the backend packed, as tensors with the axes of the table. */
final class Unpacked {
  private final Gpt2 model;
  private final Backend backend;
  private final Config config;
  private final Weights weights;

  Unpacked(Gpt2 model, Weights weights) {
    this.model = model;
    this.backend = model.backend();
    this.config = model.config();
    this.weights = weights;
  }

  /** A weight outside the blocks. */
  Tensor outside(Parameter parameter) {
    Dimension vocab = dimension(Axis.VOCAB);
    Dimension stream = dimension(D_MODEL);
    Weights.LayerNorm last = weights.lnFinal();
    return switch (parameter) {
      case W_E -> columns(weights.embedding(), 0, config.vocab(), vocab, stream);
      case W_POS -> positions();
      case LN_FINAL_W -> vector(known(last).gain(), stream);
      case LN_FINAL_B -> vector(known(last).bias(), stream);
      case W_U ->
          columns(weights.unembedding(), 0, config.vocab(), vocab, stream)
              .permute(D_MODEL, Axis.VOCAB);
      default -> {
        Array bias = weights.unembeddingBias();
        yield vector(bias == null ? backend.rows(1, config.vocab()) : bias, vocab);
      }
    };
  }

  private Tensor positions() {
    Matrix table = weights.positions();
    if (table == null) {
      throw new IllegalStateException("no positions");
    }
    return columns(table, 0, table.out(), Axis.POSITION.of(table.out()), dimension(D_MODEL));
  }

  /** A weight of a block. */
  Tensor block(Parameter parameter, Weights.Block block) {
    Dimension stream = dimension(D_MODEL);
    Dimension neurons = dimension(Axis.D_MLP);
    return switch (parameter) {
      case LN1_W -> vector(known(block.ln1()).gain(), stream);
      case LN1_B -> vector(known(block.ln1()).bias(), stream);
      case W_Q -> heads(block, 0);
      case W_K -> heads(block, 1);
      case W_V -> heads(block, 2);
      case B_Q -> headBias(block, 0);
      case B_K -> headBias(block, 1);
      case B_V -> headBias(block, 2);
      case W_O ->
          columns(
                  block.attentionOut(),
                  0,
                  config.dModel(),
                  stream,
                  dimension(Axis.HEAD),
                  dimension(Axis.D_HEAD))
              .permute(Axis.HEAD, Axis.D_HEAD, D_MODEL);
      case B_O -> vector(block.attentionOutBias(), stream);
      case LN2_W -> vector(known(block.ln2()).gain(), stream);
      case LN2_B -> vector(known(block.ln2()).bias(), stream);
      case W_IN ->
          columns(block.mlp().in(), 0, config.dMlp(), neurons, stream).permute(D_MODEL, Axis.D_MLP);
      case B_IN -> vector(block.mlp().inBias(), neurons);
      case W_OUT ->
          columns(block.mlp().out(), 0, config.dModel(), stream, neurons)
              .permute(Axis.D_MLP, D_MODEL);
      case B_OUT -> vector(block.mlp().outBias(), stream);
      default -> throw new IllegalStateException(parameter + " is in no block");
    };
  }

  private static Weights.LayerNorm known(Weights.@Nullable LayerNorm norm) {
    if (norm == null) {
      throw new IllegalStateException("no layer norm");
    }
    return norm;
  }

  private Tensor heads(Weights.Block block, int part) {
    int width = config.heads() * config.dHead();
    return columns(
            block.qkv(),
            part * width,
            width,
            dimension(Axis.HEAD),
            dimension(Axis.D_HEAD),
            dimension(D_MODEL))
        .permute(Axis.HEAD, D_MODEL, Axis.D_HEAD);
  }

  private Tensor headBias(Weights.Block block, int part) {
    int width = config.heads() * config.dHead();
    Array bias = block.qkvBias().columns(part * width, (part + 1) * width);
    return vector(bias, dimension(Axis.HEAD), dimension(Axis.D_HEAD));
  }

  /** An axis as long as the model has it. */
  Dimension dimension(Axis axis) {
    return switch (axis) {
      case HEAD -> axis.of(config.heads());
      case D_HEAD -> axis.of(config.dHead());
      case D_MLP -> axis.of(config.dMlp());
      case VOCAB -> axis.of(config.vocab(), model::piece);
      case POSITION -> axis.of(config.context());
      case LAYER -> axis.of(config.layers());
      default -> axis.of(config.dModel());
    };
  }

  /** Some columns of a packed matrix, one after another, under axes of that shape. */
  Tensor columns(Matrix matrix, int from, int count, Dimension... dimensions) {
    Columns columns = new Columns(matrix, backend);
    int size = matrix.in();
    if (backend.isDouble()) {
      double[] elements = new double[Math.multiplyExact(count, size)];
      for (int j = 0; j < count; j++) {
        columns.read(from + j, elements, j * size);
      }
      return Tensor.of(elements, dimensions);
    }
    float[] elements = new float[Math.multiplyExact(count, size)];
    for (int j = 0; j < count; j++) {
      columns.read(from + j, elements, j * size);
    }
    return Tensor.of(elements, dimensions);
  }

  /** An array of one row, under axes of that shape. */
  Tensor vector(Array row, Dimension... dimensions) {
    int size = row.columns();
    if (backend.isDouble()) {
      double[] elements = new double[size];
      backend.read(row, 0, 0, size, elements, 0);
      return Tensor.of(elements, dimensions);
    }
    float[] elements = new float[size];
    backend.read(row, 0, 0, size, elements, 0);
    return Tensor.of(elements, dimensions);
  }
}
