package dev.vitrine.analysis.divergence;

import dev.vitrine.trace.Site;
import java.util.List;
import java.util.StringJoiner;

/**
 * How two computations of one site compare.
 *
 * @param site which site
 * @param elements how many elements it has
 * @param differing how many have other bits
 * @param axes the names of its axes
 * @param indices the element that differs most; empty if none does
 * @param left its value on the left
 * @param right its value on the right
 * @param ulps how far they are apart, in units of the last place of a float there
 * @param leftError the left side's greatest error against fp64, computed from its own parents, in
 *     units of what rounding may cost: up to 1 is noise; NaN where it was not needed
 * @param rightError the right side's
 * @param leftFromReference how far the left side is from the whole run in fp64, relative to the
 *     tensor's largest element; NaN where it was not needed
 * @param rightFromReference the right side
 */
public record Part(
    Site site,
    long elements,
    long differing,
    List<String> axes,
    List<Integer> indices,
    double left,
    double right,
    double ulps,
    double leftError,
    double rightError,
    double leftFromReference,
    double rightFromReference) {

  /** Keeps the lists as they are. */
  public Part {
    axes = List.copyOf(axes);
    indices = List.copyOf(indices);
  }

  /** Whether both have the same values, to the bit. */
  public boolean same() {
    return differing == 0;
  }

  /** Whether a side is further from fp64 than rounding leads. */
  public boolean faulty() {
    return leftError > 1 || rightError > 1;
  }

  /**
   * Whether its numbers are taken over as they are, from a table or from another site: then nothing
   * is rounded there, and whatever differs is another number.
   */
  public boolean isTakenOver() {
    return switch (site.hook()) {
      case EMBED, POS_EMBED, ATTN_IN, Q_INPUT, K_INPUT, V_INPUT, MLP_IN -> true;
      case RESID_PRE -> site.layer() > 0;
      default -> false;
    };
  }

  /** Where they differ most, such as {@code [position 3, d_model 17]}. */
  public String place() {
    StringJoiner place = new StringJoiner(", ", "[", "]");
    for (int i = 0; i < indices.size(); i++) {
      place.add(axes.get(i) + " " + indices.get(i));
    }
    return place.toString();
  }
}
