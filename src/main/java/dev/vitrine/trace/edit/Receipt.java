package dev.vitrine.trace.edit;

import dev.vitrine.trace.Site;
import java.util.List;

/**
 * What an edit did in a trace.
 *
 * @param edit the edit
 * @param sites where its target was found, in the order of computation
 * @param fired how often it was applied: once for each site and position
 * @param elements how many elements the target named there
 * @param changed how many of them have another value than before
 * @param norm the length of the change, {@code √Σ (after - before)²}
 * @param largest the greatest {@code |after - before|}
 * @param readers the sites that read the new values
 */
public record Receipt(
    Edit edit,
    List<Site> sites,
    long fired,
    long elements,
    long changed,
    double norm,
    double largest,
    List<Site> readers) {

  /** Keeps the lists. */
  public Receipt {
    sites = List.copyOf(sites);
    readers = List.copyOf(readers);
  }

  /** One line for people. */
  @Override
  public String toString() {
    return "%s: fired at %d position%s, changed %d of %d elements by %.4g in all (%.4g at most), read by %s"
        .formatted(
            edit,
            fired,
            fired == 1 ? "" : "s",
            changed,
            elements,
            norm,
            largest,
            readers.size() <= 3
                ? String.join(", ", readers.stream().map(Site::name).toList())
                : readers.getFirst() + " and " + (readers.size() - 1) + " more");
  }
}
