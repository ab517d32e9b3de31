package dev.vitrine.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * The name of an axis. A tensor has each axis at most once, so a name is enough to find it.
 *
 * <p>{@link #QUERY} and {@link #KEY} are the two position axes of an attention pattern: the
 * position that looks and the position that is looked at.
 */
public enum Axis {
  /** The prompts of a batch. */
  BATCH,
  /** The positions of a prompt; its labels are the prompt's tokens. */
  POSITION,
  /** The position that attends. */
  QUERY,
  /** The position that is attended to. */
  KEY,
  /** The attention heads of a layer. */
  HEAD,
  /** The residual stream. */
  D_MODEL,
  /** The inside of one attention head. */
  D_HEAD,
  /** The neurons of an MLP. */
  D_MLP,
  /** The vocabulary; its labels are the tokens. */
  VOCAB,
  /** The layers of the model. */
  LAYER,
  /** The parts that a sum is made of, such as the writers to the residual stream. */
  COMPONENT,
  /** Neurons listed one by one, across layers or a choice of them. */
  NEURON,
  /** Singular vectors, the strongest first. */
  VECTOR,
  /** The real and the imaginary part of a complex number. */
  RE_IM,
  /** The columns of a matrix whose rows are on {@link #D_MODEL}; so are those below. */
  D_MODEL2,
  /** The columns beside {@link #D_HEAD}. */
  D_HEAD2,
  /** The columns beside {@link #D_MLP}. */
  D_MLP2,
  /** The columns beside {@link #VOCAB}. */
  VOCAB2,
  /** The columns beside {@link #POSITION}. */
  POSITION2,
  /** The layer that reads what {@link #LAYER} writes. */
  LAYER2,
  /** The head that reads what {@link #HEAD} writes. */
  HEAD2,
  /** A single element that stands for a whole axis, as in the divisor of a layer norm. */
  ONE;

  private final String text = name().toLowerCase(Locale.ROOT);

  /**
   * The axis of a name as {@link #toString()} writes it, or of its short form {@code pos}, {@code
   * q} or {@code k}; upper and lower case are the same.
   *
   * @throws IllegalArgumentException if there is no such axis; the message says the nearest
   */
  public static Axis named(String name) {
    String text = name.strip().toLowerCase(Locale.ROOT);
    String full =
        switch (text) {
          case "pos" -> "position";
          case "q" -> "query";
          case "k" -> "key";
          default -> text;
        };
    for (Axis axis : values()) {
      if (axis.text.equals(full)) {
        return axis;
      }
    }
    List<String> known = Arrays.stream(values()).map(Axis::toString).toList();
    List<String> near = Nearest.names(text, known, 1);
    List<String> common = known.stream().filter(axis -> !axis.endsWith("2")).toList();
    String hint =
        near.isEmpty()
            ? "the axes are " + String.join(", ", common)
            : "did you mean '" + near.getFirst() + "'?";
    throw new IllegalArgumentException("no axis is named '" + name + "': " + hint);
  }

  /**
   * The axis for the columns of a matrix whose rows are on this one, as a tensor has each axis
   * once: {@code d_model2} for {@code d_model}.
   *
   * @throws IllegalArgumentException if it has none
   */
  public Axis second() {
    return switch (this) {
      case D_MODEL, D_MODEL2 -> D_MODEL2;
      case D_HEAD, D_HEAD2 -> D_HEAD2;
      case D_MLP, D_MLP2 -> D_MLP2;
      case VOCAB, VOCAB2 -> VOCAB2;
      case POSITION, POSITION2 -> POSITION2;
      case LAYER, LAYER2 -> LAYER2;
      case HEAD, HEAD2 -> HEAD2;
      default -> throw new IllegalArgumentException("the axis " + this + " has no second");
    };
  }

  /** The axis that this is the {@link #second} of; otherwise this. */
  public Axis first() {
    return switch (this) {
      case D_MODEL2 -> D_MODEL;
      case D_HEAD2 -> D_HEAD;
      case D_MLP2 -> D_MLP;
      case VOCAB2 -> VOCAB;
      case POSITION2 -> POSITION;
      case LAYER2 -> LAYER;
      case HEAD2 -> HEAD;
      default -> this;
    };
  }

  /** This axis with a size, its indices labelled by their numbers. */
  public Dimension of(int size) {
    return Dimension.numbered(this, size);
  }

  /** This axis with one index for each label. */
  public Dimension of(List<String> labels) {
    return Dimension.labelled(this, labels);
  }

  /** This axis with a size and labels that are made when asked for. */
  public Dimension of(int size, IntFunction<String> labels) {
    return Dimension.labelled(this, size, labels);
  }

  /** The name in lower case, such as {@code d_model}. */
  @Override
  public String toString() {
    return text;
  }
}
