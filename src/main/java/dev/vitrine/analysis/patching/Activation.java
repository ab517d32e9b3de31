package dev.vitrine.analysis.patching;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.trace.Hook;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a sweep patches, and how finely: TransformerLens's {@code get_act_patch_…} by the same
 * names. The axes are those of the result.
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists come from List.of
public enum Activation {
  /** The residual stream before each block, at each position. */
  RESID_PRE(Hook.RESID_PRE, LAYER, POSITION),
  /** The residual stream between attention and MLP, at each position. */
  RESID_MID(Hook.RESID_MID, LAYER, POSITION),
  /** What attention writes, at each position. */
  ATTN_OUT(Hook.ATTN_OUT, LAYER, POSITION),
  /** What the MLP writes, at each position. */
  MLP_OUT(Hook.MLP_OUT, LAYER, POSITION),
  /** The output z of each head at each position. */
  ATTN_HEAD_OUT_BY_POS(Hook.Z, LAYER, POSITION, HEAD),
  /** The query of each head at each position. */
  ATTN_HEAD_Q_BY_POS(Hook.Q, LAYER, POSITION, HEAD),
  /** The key of each head at each position. */
  ATTN_HEAD_K_BY_POS(Hook.K, LAYER, POSITION, HEAD),
  /** The value of each head at each position. */
  ATTN_HEAD_V_BY_POS(Hook.V, LAYER, POSITION, HEAD),
  /** A row of each head's pattern: where one position looks. */
  ATTN_HEAD_PATTERN_BY_POS(Hook.PATTERN, LAYER, HEAD, QUERY),
  /** One element of each head's pattern: how one position looks at another. */
  ATTN_HEAD_PATTERN_DEST_SRC_POS(Hook.PATTERN, LAYER, HEAD, QUERY, KEY),
  /** The output z of each head, everywhere. */
  ATTN_HEAD_OUT_ALL_POS(Hook.Z, LAYER, HEAD),
  /** The queries of each head, everywhere. */
  ATTN_HEAD_Q_ALL_POS(Hook.Q, LAYER, HEAD),
  /** The keys of each head, everywhere. */
  ATTN_HEAD_K_ALL_POS(Hook.K, LAYER, HEAD),
  /** The values of each head, everywhere. */
  ATTN_HEAD_V_ALL_POS(Hook.V, LAYER, HEAD),
  /** The whole pattern of each head. */
  ATTN_HEAD_PATTERN_ALL_POS(Hook.PATTERN, LAYER, HEAD);

  private final Hook hook;
  private final List<Axis> axes;

  Activation(Hook hook, Axis... axes) {
    this.hook = hook;
    this.axes = List.of(axes);
  }

  /**
   * The activation of a name, as TransformerLens or this enum writes it.
   *
   * @throws IllegalArgumentException if there is none; names the nearest
   */
  public static Activation named(String name) {
    String text = name.strip().toLowerCase(Locale.ROOT).replace('-', '_');
    List<String> names = Arrays.stream(values()).map(Activation::toString).toList();
    for (Activation activation : values()) {
      if (activation.toString().equals(text)) {
        return activation;
      }
    }
    List<String> near = Nearest.names(text, names, 3);
    throw new IllegalArgumentException(
        "nothing to patch is named \"%s\": %s"
            .formatted(
                name,
                near.isEmpty()
                    ? "there are " + String.join(", ", names)
                    : "did you mean " + String.join(" or ", near) + "?"));
  }

  /** The hook that is patched. */
  public Hook hook() {
    return hook;
  }

  /** The axes of the sweep, in TransformerLens's order. */
  public List<Axis> axes() {
    return axes;
  }

  /** As TransformerLens has it behind {@code get_act_patch_}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
