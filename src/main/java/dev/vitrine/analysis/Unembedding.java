package dev.vitrine.analysis;

import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Watch;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Hook;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The way from the residual stream to the vocabulary: the final layer norm, W_U and b_U, applied to
 * whatever has a {@code d_model} axis, and the directions that stand for tokens.
 *
 * @param model whose vocabulary it is
 */
public record Unembedding(Gpt2 model) {

  /**
   * The direction along which the stream, normed, writes a token's logit: its column of W_U, {@code
   * [d_model]}. TransformerLens's {@code tokens_to_residual_directions}.
   *
   * @throws IllegalArgumentException if the model has no such token
   */
  public Tensor direction(int token) {
    return model
        .parameters()
        .unembedding(token)
        .withOrigin(
            new Analysed(
                "direction of " + model.piece(token),
                "W_U[:, " + token + "]",
                "the final layer norm's gain is not in it, nor is b_U"));
  }

  /**
   * The directions of several tokens along an axis of their own, {@code [axis, d_model]}: along
   * {@code batch} for an answer to each prompt, along {@code position} for one at each position.
   *
   * @throws IllegalArgumentException if there is none, or the model has not all of them
   */
  public Tensor directions(Axis axis, int... tokens) {
    List<String> pieces = Arrays.stream(tokens).mapToObj(model::piece).toList();
    return Tensor.stack(
        Arrays.stream(tokens).mapToObj(token -> model.parameters().unembedding(token)).toList(),
        axis.of(pieces));
  }

  /** The direction of the logit of one token less that of another, {@code [d_model]}. */
  public Tensor difference(int right, int wrong) {
    return direction(right).minus(direction(wrong));
  }

  /**
   * The logits that the model would give if {@code stream} were the residual stream behind its last
   * block: the final layer norm with its own mean and scale, gain and bias, then {@code W_U + b_U};
   * {@code d_model} becomes {@code vocab}. To the bit what the model computes.
   */
  public Tensor logits(Tensor stream) {
    return read(stream, Hook.LOGITS)
        .withOrigin(
            new Analysed(
                "logits of " + Analysed.name(stream),
                "ln_final(x) W_U + b_U",
                NormConvention.ANEW.statement()));
  }

  /** What the final layer norm, computed anew, makes of {@code stream}; its shape stays. */
  public Tensor normed(Tensor stream) {
    return read(stream, Hook.UNEMBED_IN)
        .withOrigin(
            new Analysed(
                "ln_final of " + Analysed.name(stream),
                "ln_final.hook_normalized · ln_final.w + ln_final.b",
                NormConvention.ANEW.statement()));
  }

  /**
   * What {@code vectors}, already normed in whatever way, add to each token's logit: {@code vectors
   * W_U}, without b_U; {@code d_model} becomes {@code vocab}.
   */
  public Tensor project(Tensor vectors) {
    Dimension[] kept = others(vectors);
    Array rows = rows(vectors);
    Array out = model.backend().rows(rows.rows(), model.config().vocab());
    model.parameters().unembed(rows, out);
    return tensor(out, VOCAB.of(model.config().vocab(), model::piece), kept)
        .withOrigin(
            new Analysed(
                "read-out of " + Analysed.name(vectors), "x W_U", "no layer norm, no b_U"));
  }

  private Tensor read(Tensor stream, Hook hook) {
    Dimension[] kept = others(stream);
    List<Array> seen = new ArrayList<>();
    Watch watch =
        new Watch() {
          @Override
          public boolean wants(Hook wanted) {
            return wanted == hook;
          }

          @Override
          public Array see(Hook announced, Array tensor) {
            if (announced == hook) {
              seen.add(tensor);
            }
            return tensor;
          }
        };
    model.forwardPass().unembed(rows(stream), watch);
    Dimension last =
        hook == Hook.LOGITS
            ? VOCAB.of(model.config().vocab(), model::piece)
            : D_MODEL.of(model.config().dModel());
    return tensor(seen.getFirst(), last, kept);
  }

  /** Every axis but d_model, in order. */
  private static Dimension[] others(Tensor tensor) {
    return tensor.dimensions().stream()
        .filter(dimension -> dimension.axis() != D_MODEL)
        .toArray(Dimension[]::new);
  }

  /** The vectors along d_model, each a row. */
  private Array rows(Tensor tensor) {
    Backend backend = model.backend();
    int width = model.config().dModel();
    if (tensor.view().isPresent() && !tensor.view().get().equals(model.view())) {
      throw new IllegalArgumentException(
          ("%s is of the view %s and the unembedding of the view %s: take both of one view"
                  + " (model.view(...)), or say withoutView() if they are meant to meet")
              .formatted(Analysed.name(tensor), tensor.view().get(), model.view()));
    }
    if (tensor.size(D_MODEL) != width) {
      throw new IllegalArgumentException(
          "the residual stream has %d numbers; %s has not".formatted(width, tensor.shapeText()));
    }
    List<Axis> order = new ArrayList<>(tensor.axes());
    order.remove(D_MODEL);
    order.add(D_MODEL);
    double[] elements = tensor.permute(order.toArray(Axis[]::new)).doubles();
    Array rows = backend.rows(elements.length / width, width);
    for (int row = 0; row < rows.rows(); row++) {
      backend.write(rows, row, 0, width, elements, row * width);
    }
    return rows;
  }

  private Tensor tensor(Array rows, Dimension last, Dimension... kept) {
    Backend backend = model.backend();
    int columns = rows.columns();
    Dimension[] dimensions = Arrays.copyOf(kept, kept.length + 1);
    dimensions[kept.length] = last;
    if (backend.isDouble()) {
      double[] elements = new double[Math.multiplyExact(rows.rows(), columns)];
      for (int row = 0; row < rows.rows(); row++) {
        backend.read(rows, row, 0, columns, elements, row * columns);
      }
      return Tensor.of(elements, dimensions).withView(model.view());
    }
    float[] elements = new float[Math.multiplyExact(rows.rows(), columns)];
    for (int row = 0; row < rows.rows(); row++) {
      backend.read(rows, row, 0, columns, elements, row * columns);
    }
    return Tensor.of(elements, dimensions).withView(model.view());
  }
}
