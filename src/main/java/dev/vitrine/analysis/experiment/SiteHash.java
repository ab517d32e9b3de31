package dev.vitrine.analysis.experiment;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Fingerprint;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Consumer;

/**
 * What a file keeps of a site where it does not keep its values.
 *
 * @param hash over all of its bits: two with one hash are the same
 * @param marks a short mark for each position, query, key and head, in the order of the axes: they
 *     say where two with different hashes differ, but for one chance in 2³² a mark. More than
 *     {@value #MOST} of an axis share marks, as many neighbours each.
 */
record SiteHash(String hash, String marks) {
  private static final Set<Axis> MARKED = Set.of(POSITION, QUERY, KEY, HEAD);
  private static final int MOST = 64;
  private static final int DIGITS = 8;

  /** Of each of some sites; a block is run once for all of its own, and let go of. */
  static Map<Site, SiteHash> all(Trace trace, Collection<Site> sites, Consumer<Site> progress) {
    Map<Site, SiteHash> hashes = new LinkedHashMap<>();
    List<Site> group = new ArrayList<>();
    for (Site site : sites) {
      if (!group.isEmpty() && group.getFirst().layer() != site.layer()) {
        add(trace, group, hashes, progress);
        group.clear();
      }
      group.add(site);
    }
    add(trace, group, hashes, progress);
    return hashes;
  }

  private static void add(
      Trace trace, List<Site> group, Map<Site, SiteHash> hashes, Consumer<Site> progress) {
    trace
        .tensors(group)
        .forEach((site, tensor) -> {
          hashes.put(site, new SiteHash(Fingerprint.of(site, tensor), marks(tensor)));
          progress.accept(site);
        });
  }

  static String marks(Tensor tensor) {
    StringBuilder marks = new StringBuilder();
    double[] elements = tensor.doubles();
    int inner = elements.length;
    for (Dimension dimension : tensor.dimensions()) {
      int size = dimension.size();
      int outer = inner;
      inner = size == 0 ? 0 : outer / size;
      if (MARKED.contains(dimension.axis())) {
        for (int mark : marks(elements, size, inner)) {
          marks.append("%08x".formatted(mark));
        }
      }
    }
    return marks.toString();
  }

  /** Of each group of indices of an axis, over all elements that have one of them. */
  private static int[] marks(double[] elements, int size, int inner) {
    int groups = Math.min(size, MOST);
    int[] group = new int[size];
    for (int g = 0; g < groups; g++) {
      for (int i = start(g, groups, size); i < start(g + 1, groups, size); i++) {
        group[i] = g;
      }
    }
    int[] marks = new int[groups];
    for (int i = 0; i < elements.length; i++) {
      int at = group[i / inner % size];
      long bits = Double.doubleToLongBits(elements[i]); // one NaN for all
      marks[at] = 31 * marks[at] + (int) (bits ^ (bits >>> 32));
    }
    return marks;
  }

  private static int start(int group, int groups, int size) {
    return (int) ((long) group * size / groups);
  }

  /**
   * Where the marks of two differ, such as {@code [position=3..13,head=2]}.
   *
   * @param tensor one of the two
   * @return empty if the marks are not of such a tensor, or do not differ
   */
  static Optional<String> place(Tensor tensor, String before, String now) {
    if (before.length() != now.length() || before.equals(now)) {
      return Optional.empty();
    }
    StringJoiner place = new StringJoiner(",", "[", "]");
    int from = 0;
    for (Dimension dimension : tensor.dimensions()) {
      if (MARKED.contains(dimension.axis())) {
        int groups = Math.min(dimension.size(), MOST);
        List<String> ranges = new ArrayList<>();
        for (int g = 0; g < groups; g++) {
          int first = g;
          while (g < groups && differ(before, now, from + g)) {
            g++;
          }
          if (g > first) {
            int low = start(first, groups, dimension.size());
            int high = start(g, groups, dimension.size()) - 1;
            ranges.add(low == high ? Integer.toString(low) : low + ".." + high);
          }
        }
        place.add(dimension.axis() + "=" + String.join(",", ranges));
        from += groups;
      }
    }
    return Optional.of(place.toString());
  }

  private static boolean differ(String before, String now, int mark) {
    int at = DIGITS * mark;
    return !before.regionMatches(at, now, at, DIGITS);
  }
}
