package dev.vitrine.analysis.experiment;

import dev.vitrine.tensor.Difference;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What came of running an experiment again.
 *
 * @param sites how many sites were compared
 * @param different those that have other bits than when it was saved, in the order of computation
 * @param first where the first of them differs; empty if none does
 * @param continued the tokens that were generated; empty where none were
 */
public record Replay(
    int sites, List<Site> different, Optional<First> first, Optional<Continued> continued) {

  /**
   * The first tensor that differs.
   *
   * @param site the tensor
   * @param prompt of which of the prompts
   * @param element its first element that differs, left as it was saved, right as it is now; empty
   *     where the file has no values
   * @param place the positions and heads in which it differs, such as {@code
   *     [position=3..13,head=2]}; empty where its shape differs too
   */
  public record First(
      Site site, int prompt, Optional<Difference> element, Optional<String> place) {}

  /**
   * The tokens that were added to the prompt.
   *
   * @param saved then
   * @param now and now
   */
  public record Continued(Tokens saved, Tokens now) {

    /** Whether they are the same. */
    public boolean isIdentical() {
      return Arrays.equals(saved.ids(), now.ids());
    }

    /** The place of the first that differs, counted from 0; their number where none does. */
    public int first() {
      int place = Arrays.mismatch(saved.ids(), now.ids());
      return place < 0 ? saved.size() : place;
    }
  }

  /** Keeps the list. */
  public Replay {
    different = List.copyOf(different);
  }

  /** Whether every site has the bits that it had, and every token is the one that it was. */
  public boolean isIdentical() {
    return different.isEmpty() && continued.stream().allMatch(Continued::isIdentical);
  }

  /** One line for people: {@code identical, 130 sites}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    continued.filter(c -> !c.isIdentical()).ifPresent(c -> parts.add(said(c)));
    first.ifPresent(where -> parts.add("differs first at " + said(where)));
    if (parts.isEmpty()) {
      String tokens = continued.map(c -> many(c.now().size(), "new token") + " and ").orElse("");
      return "identical, " + tokens + many(sites, "site");
    }
    parts.add("%d of %d sites differ".formatted(different.size(), sites));
    return String.join("; ", parts);
  }

  private static String many(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private static String said(First where) {
    String prompt = where.prompt == 0 ? "" : " of prompt " + where.prompt;
    String what =
        where
            .element
            .map(difference -> ": saved " + difference)
            .orElse(
                where.place.isPresent() ? "" : ": the file keeps no values of it, only its hash");
    return where.site + (where.element.isPresent() ? "" : where.place.orElse("")) + prompt + what;
  }

  private static String said(Continued tokens) {
    int at = tokens.first();
    return "new token %d was %s and is %s".formatted(at, at(tokens.saved, at), at(tokens.now, at));
  }

  private static String at(Tokens tokens, int place) {
    return place < tokens.size() ? "\"" + tokens.string(place) + "\"" : "none";
  }
}
