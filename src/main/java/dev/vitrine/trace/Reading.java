package dev.vitrine.trace;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.kept.Capture;
import dev.vitrine.weights.Config;

/**
 * Turns the arrays of a pass into tensors with named axes: of float elements, or of double ones
 * where the backend computes in them.
 */
record Reading(Gpt2 model, Tokens tokens) {

  /**
   * The tensor of a site that {@code capture} holds, for the stream whose rows begin at {@code
   * row}.
   */
  Tensor tensor(Site site, Capture capture, int stream, int row) {
    Hook hook = site.hook();
    Array array = capture.rows(hook, stream, row, tokens.size());
    Dimension[] dimensions =
        hook.axes().stream().map(axis -> dimension(axis)).toArray(Dimension[]::new);
    Tensor tensor =
        isCopyForEachHead(hook) && !capture.hasOwn(hook)
            ? copies(array, dimensions)
            : whole(array, dimensions);
    return tensor.withOrigin(new SiteOrigin(site, model.config(), model.view()));
  }

  /** The logits of some rows, {@code [dimension, vocab]}. */
  Tensor logits(Array rows, Dimension dimension) {
    return logits(rows, dimension, dimension(VOCAB));
  }

  /** Some logits of some rows. */
  Tensor logits(Array rows, Dimension dimension, Dimension tokens) {
    return whole(rows, dimension, tokens)
        .withOrigin(new SiteOrigin(Site.logits(), model.config(), model.view()));
  }

  /** The logits of one row, {@code [vocab]}. */
  Tensor logits(Array row) {
    return whole(row, dimension(VOCAB))
        .withOrigin(new SiteOrigin(Site.logits(), model.config(), model.view()));
  }

  /** The losses of all positions but the last, which has nothing to predict. */
  Tensor losses(Site site, double[] losses) {
    Dimension position = POSITION.of(tokens.first(losses.length).strings());
    float[] floats = new float[losses.length];
    for (int i = 0; i < losses.length; i++) {
      floats[i] = (float) losses[i];
    }
    Tensor tensor =
        model.backend().isDouble() ? Tensor.of(losses, position) : Tensor.of(floats, position);
    return tensor.withOrigin(new SiteOrigin(site, model.config(), model.view()));
  }

  /** The size of an axis in this trace, and its labels. */
  private Dimension dimension(Axis axis) {
    Config config = model.config();
    return switch (axis) {
      case POSITION, QUERY, KEY -> axis.of(tokens.strings());
      case HEAD -> axis.of(config.heads());
      case D_MODEL -> axis.of(config.dModel());
      case D_HEAD -> axis.of(config.dHead());
      case D_MLP -> axis.of(config.dMlp());
      case VOCAB -> axis.of(config.vocab(), model::piece);
      case ONE -> axis.of(1);
      default -> throw new IllegalArgumentException("no site has the axis " + axis);
    };
  }

  private static boolean isCopyForEachHead(Hook hook) {
    return switch (hook) {
      case ATTN_IN, Q_INPUT, K_INPUT, V_INPUT -> true;
      default -> false;
    };
  }

  private Tensor whole(Array array, Dimension... dimensions) {
    return model.backend().isDouble()
        ? Tensor.of(doubles(array), dimensions)
        : Tensor.strided(floats(array), 0, rowMajor(dimensions), dimensions);
  }

  private static int[] rowMajor(Dimension... dimensions) {
    int[] strides = new int[dimensions.length];
    int stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dimensions[i].size();
    }
    return strides;
  }

  /** The same row for every head: a step along the head axis is a step of nothing. */
  private Tensor copies(Array array, Dimension... dimensions) {
    int[] strides = {array.columns(), 0, 1};
    assert dimensions[1].axis() == HEAD;
    return model.backend().isDouble()
        ? Tensor.strided(doubles(array), 0, strides, dimensions)
        : Tensor.strided(floats(array), 0, strides, dimensions);
  }

  /** A tensor looks at the floats themselves where it can: nothing changes them any more. */
  private float[] floats(Array array) {
    Backend backend = model.backend();
    float[] own = backend.floats(array);
    if (own != null) {
      return own;
    }
    int columns = array.columns();
    float[] elements = new float[Math.multiplyExact(array.rows(), columns)];
    for (int row = 0; row < array.rows(); row++) {
      backend.read(array, row, 0, columns, elements, row * columns);
    }
    return elements;
  }

  private double[] doubles(Array array) {
    Backend backend = model.backend();
    int columns = array.columns();
    double[] elements = new double[Math.multiplyExact(array.rows(), columns)];
    for (int row = 0; row < array.rows(); row++) {
      backend.read(array, row, 0, columns, elements, row * columns);
    }
    return elements;
  }
}
