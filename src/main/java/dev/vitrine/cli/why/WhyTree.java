package dev.vitrine.cli.why;

import dev.vitrine.analysis.why.Term;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of an explanation that is shown: the largest terms, and the largest of theirs.
 *
 * @param term a term
 * @param parts those of its parts that are shown, largest first
 */
record WhyTree(Term term, List<WhyTree> parts) {

  /** Parts of less than this share of the logit are not shown. */
  private static final double SMALL = 0.01;

  /** The largest {@code top} parts, half as many of each of theirs, and so on down. */
  static WhyTree of(Term term, int top, int depth) {
    return of(term, top, depth, SMALL * Math.abs(term.value()));
  }

  private static WhyTree of(Term term, int top, int depth, double least) {
    List<WhyTree> parts = new ArrayList<>();
    if (depth > 0) {
      for (Term part : term.largest(top)) {
        if (Math.abs(part.value()) >= least) {
          parts.add(of(part, Math.max(1, top / 2), depth - 1, least));
        }
      }
    }
    return new WhyTree(term, List.copyOf(parts));
  }

  /** How many parts are not shown. */
  int others() {
    return parts.isEmpty() ? 0 : term.parts().size() - parts.size();
  }

  /** What those that are not shown add. */
  double othersAdd() {
    double shown = parts.stream().mapToDouble(part -> part.term.value()).sum();
    return term.parts().stream().mapToDouble(Term::value).sum() - shown;
  }

  /** All terms that are shown, the root apart. */
  List<Term> shown() {
    List<Term> all = new ArrayList<>();
    for (WhyTree part : parts) {
      all.add(part.term);
      all.addAll(part.shown());
    }
    return all;
  }
}
