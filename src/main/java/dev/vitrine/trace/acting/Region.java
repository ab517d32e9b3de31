package dev.vitrine.trace.acting;

import dev.vitrine.tensor.Axis;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.kept.Capture;
import dev.vitrine.weights.Config;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The part of one sequence's tensor that a target names: some rows of it (positions; of attention,
 * the queries), some heads, and some elements of the innermost axis (of attention, the keys).
 */
public final class Region {
  private final Site site;
  private final int @Nullable [] positions;
  private final int[] heads;
  private final int @Nullable [] inner;
  private final int innerSize;

  /**
   * @param positions null for all that there are and will be
   * @param heads all of them where null
   * @param inner all of them where null
   */
  Region(
      Site site,
      Config config,
      int @Nullable [] positions,
      int @Nullable [] heads,
      int @Nullable [] inner) {
    this.site = site;
    this.positions = positions;
    int headCount = site.hook().axes().contains(Axis.HEAD) ? config.heads() : 1;
    this.heads = heads == null ? IntStream.range(0, headCount).toArray() : heads;
    this.innerSize = innerSize(site.hook(), config);
    this.inner = inner != null || isAttention() ? inner : IntStream.range(0, innerSize).toArray();
  }

  /** The size of the innermost axis; 0 for keys, of which there are as many as tokens. */
  static int innerSize(Hook hook, Config config) {
    return switch (hook.axes().getLast()) {
      case D_MODEL -> config.dModel();
      case D_HEAD -> config.dHead();
      case D_MLP -> config.dMlp();
      case VOCAB -> config.vocab();
      case KEY -> 0;
      default -> 1;
    };
  }

  /** The axis of a site's rows. */
  static Axis rowAxis(Hook hook) {
    return hook.axes().contains(Axis.QUERY) ? Axis.QUERY : Axis.POSITION;
  }

  /** The site of the tensor. */
  public Site site() {
    return site;
  }

  boolean isAttention() {
    return Capture.isAttention(site.hook());
  }

  /** The size of the innermost axis of a row that sees {@code keys} keys. */
  int innerSize(int keys) {
    return isAttention() ? keys : innerSize;
  }

  /** Whether positions that come later belong to it. */
  boolean isOpen() {
    return positions == null;
  }

  /** Its positions among {@code from … to - 1}. */
  int[] positions(int from, int to) {
    return positions == null
        ? IntStream.range(from, to).toArray()
        : IntStream.of(positions).filter(p -> p >= from && p < to).toArray();
  }

  /** The place of a position among those named. */
  int indexOf(int position) {
    if (positions == null) {
      return position;
    }
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] == position) {
        return i;
      }
    }
    throw new IllegalStateException(position + " is not in the region");
  }

  /** The first of its positions. */
  public int first() {
    return positions == null ? 0 : positions[0];
  }

  int[] heads() {
    return heads;
  }

  boolean hasHead(int head) {
    return IntStream.of(heads).anyMatch(h -> h == head);
  }

  /** The elements of a row that it names, given how many keys there are to see. */
  int[] inner(int keys) {
    if (inner == null) {
      return IntStream.range(0, keys).toArray();
    }
    return isAttention() ? IntStream.of(inner).filter(k -> k < keys).toArray() : inner;
  }

  /** Whether it names an element. */
  boolean contains(int position, int head, int element) {
    return (positions == null || IntStream.of(positions).anyMatch(p -> p == position))
        && hasHead(head)
        && (inner == null || IntStream.of(inner).anyMatch(i -> i == element));
  }

  /** The axes that a tensor of values for it may have, the batch's apart. */
  List<Axis> axes() {
    return site.hook().axes();
  }
}
