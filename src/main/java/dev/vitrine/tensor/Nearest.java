package dev.vitrine.tensor;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The known names nearest to one that is not known: what an error message suggests. */
public final class Nearest {
  private Nearest() {}

  /**
   * At most {@code limit} of the known names, the nearest first; none that shares too little with
   * the name to be meant by it.
   *
   * <p>Distance is the number of letters put in, left out, changed, or swapped with a neighbour,
   * whatever their case and the blanks around them. A name that contains the other counts as near.
   */
  public static List<String> names(String name, Collection<String> known, int limit) {
    record Candidate(String name, int distance) {}
    String wanted = plain(name);
    return known.stream()
        .map(candidate -> new Candidate(candidate, distance(wanted, plain(candidate))))
        .filter(c -> isNear(wanted, plain(c.name()), c.distance()))
        .sorted(Comparator.comparingInt(Candidate::distance))
        .limit(limit)
        .map(Candidate::name)
        .toList();
  }

  private static String plain(String name) {
    return name.strip().toLowerCase(Locale.ROOT);
  }

  private static boolean isNear(String wanted, String candidate, int distance) {
    int longer = Math.max(wanted.length(), candidate.length());
    boolean contained =
        wanted.length() >= 3
            && candidate.length() >= 3
            && (candidate.contains(wanted) || wanted.contains(candidate));
    return contained || 2 * distance <= longer;
  }

  /** The optimal string alignment distance: insert, delete, substitute, swap neighbours. */
  static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    Arrays.setAll(last, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      beforeLast = last;
      last = row;
    }
    return last[b.length()];
  }
}
