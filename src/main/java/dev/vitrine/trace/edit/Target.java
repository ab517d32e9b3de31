package dev.vitrine.trace.edit;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What an edit is aimed at: a site, or the same site of every layer, and on some of its axes the
 * indices that are meant. An axis that is not named is meant whole.
 *
 * <p>Written {@code blocks.9.attn.hook_z[head=9,position=-1]}; {@code
 * blocks.*.hook_mlp_out[position=3,4]} is two positions in every layer, {@code position=3..7} a
 * range with both ends. Negative indices count from the end.
 *
 * @param site the site's name, alias or shorthand; {@code *} in it stands for any characters
 * @param where the indices by axis
 */
public record Target(String site, Map<Axis, List<Integer>> where) {
  private static final Pattern TEXT = Pattern.compile("([^\\[\\]]+)(?:\\[([^\\[\\]]*)])?");
  private static final Pattern INDICES = Pattern.compile("(-?\\d{1,9})(?:\\.\\.(-?\\d{1,9}))?");

  /** Keeps the indices as they are. */
  public Target {
    Map<Axis, List<Integer>> copy = new LinkedHashMap<>();
    where.forEach((axis, indices) -> copy.put(axis, List.copyOf(indices)));
    where = Collections.unmodifiableMap(copy);
  }

  /** The whole of a site. */
  public static Target of(Site site) {
    return new Target(site.name(), Map.of());
  }

  /**
   * A target as {@link #toString()} writes it.
   *
   * @throws IllegalArgumentException if the text is not one; says where
   */
  public static Target of(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is no target: write one as blocks.9.attn.hook_z[head=9,position=-1]"
              .formatted(text));
    }
    Map<Axis, List<Integer>> where = new LinkedHashMap<>();
    String indices = matcher.group(2);
    if (indices != null && !indices.isBlank()) {
      parse(text, indices, where);
    }
    return new Target(matcher.group(1).strip(), where);
  }

  private static void parse(String text, String inside, Map<Axis, List<Integer>> where) {
    List<Integer> current = null;
    for (String part : inside.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals >= 0) {
        current = new ArrayList<>();
        Axis axis = Axis.named(part.substring(0, equals));
        if (where.put(axis, current) != null) {
          throw new IllegalArgumentException("\"%s\" names %s twice".formatted(text, axis));
        }
      }
      Matcher matcher = INDICES.matcher(part.substring(equals + 1).strip());
      if (current == null || !matcher.matches()) {
        throw new IllegalArgumentException(
            "\"%s\" in \"%s\" names no indices: write head=9, position=3,4 or position=3..7"
                .formatted(part.strip(), text));
      }
      addIndices(text, matcher, current);
    }
  }

  private static void addIndices(String text, Matcher matcher, List<Integer> indices) {
    int from = Integer.parseInt(matcher.group(1));
    int to = matcher.group(2) == null ? from : Integer.parseInt(matcher.group(2));
    if (from > to || (from < 0) != (to < 0) || to - from > 1_000_000) {
      throw new IllegalArgumentException(
          "the range %s in \"%s\" does not go upwards".formatted(matcher.group(), text));
    }
    IntStream.rangeClosed(from, to).forEach(indices::add);
  }

  /**
   * The same target at some indices of an axis only.
   *
   * @param indices negative ones count from the end
   */
  public Target at(Axis axis, int... indices) {
    Map<Axis, List<Integer>> more = new LinkedHashMap<>(where);
    more.put(axis, IntStream.of(indices).boxed().toList());
    return new Target(site, more);
  }

  /**
   * The sites meant in a model of this configuration, in the order of computation.
   *
   * @throws IllegalArgumentException if there is none, or one of them has no axis of that name;
   *     says which are near
   */
  public List<Site> sites(Config config) {
    List<Site> sites = Site.matching(site, config).values().stream().distinct().toList();
    for (Site each : sites) {
      where.keySet().forEach(axis -> check(each, axis));
    }
    return sites;
  }

  private void check(Site each, Axis axis) {
    List<Axis> axes = each.hook().axes();
    if (axis == Axis.BATCH || axes.contains(axis)) {
      return;
    }
    String has = axes.stream().map(Axis::toString).collect(Collectors.joining(", "));
    List<String> known = axes.stream().map(Axis::toString).toList();
    List<String> near = Nearest.names(axis.toString(), known, 1);
    String hint =
        axis == Axis.POSITION && axes.contains(Axis.QUERY)
            ? "; say query (the position that attends) or key (the one attended to)"
            : near.isEmpty() ? "" : "; did you mean " + near.getFirst() + "?";
    throw new IllegalArgumentException(
        "%s has no axis %s: it has %s%s".formatted(each, axis, has, hint));
  }

  /**
   * The indices on one axis, or null where the axis is meant whole.
   *
   * @param size the size of the axis, from whose end negative indices count
   * @throws IllegalArgumentException if one is not there; says which are
   */
  public int @Nullable [] indices(Axis axis, int size) {
    List<Integer> given = where.get(axis);
    if (given == null) {
      return null;
    }
    int[] indices = new int[given.size()];
    for (int i = 0; i < indices.length; i++) {
      int index = given.get(i);
      if (index < -size || index >= size) {
        throw new IllegalArgumentException(
            "%s %d is not there: %s has %s"
                .formatted(axis, index, this, size == 1 ? "only 0" : "0 to " + (size - 1)));
      }
      indices[i] = index < 0 ? size + index : index;
    }
    return IntStream.of(indices).sorted().distinct().toArray();
  }

  /** As it is written: {@code blocks.9.attn.hook_z[head=9,position=-1]}. */
  @Override
  public String toString() {
    if (where.isEmpty()) {
      return site;
    }
    return where.entrySet().stream()
        .map(entry ->
            entry.getKey()
                + "="
                + entry.getValue().stream().map(String::valueOf).collect(Collectors.joining(",")))
        .collect(Collectors.joining(",", site + "[", "]"));
  }
}
