package dev.vitrine.trace.acting;

import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Receipt;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The edits of a trace, in order, and where they act on its sequence. */
public final class Program {

  /** Of a plain run. */
  public static final Program EMPTY = new Program(List.of(), List.of());

  private final List<Edit> edits;
  private final List<Applied> applied;
  private final Map<Site, List<Applied>> bySite = new LinkedHashMap<>();

  Program(List<Edit> edits, List<Applied> applied) {
    this.edits = List.copyOf(edits);
    this.applied = List.copyOf(applied);
    applied.forEach(
        each -> bySite.computeIfAbsent(each.region().site(), _ -> new ArrayList<>()).add(each));
  }

  /** The edits in order. */
  public List<Edit> edits() {
    return edits;
  }

  boolean isEmpty() {
    return edits.isEmpty();
  }

  /** The edits as they act, each once for every site that its target means. */
  public List<Applied> applied() {
    return applied;
  }

  /** What acts on a site, in order. */
  List<Applied> at(Site site) {
    return bySite.getOrDefault(site, List.of());
  }

  /** Whether something acts on a hook of a layer. */
  public boolean acts(Hook hook, int layer) {
    return !bySite.isEmpty()
        && hook.inBlock() == layer >= 0
        && !at(new Site(hook, layer)).isEmpty();
  }

  /** These edits for a derived trace, and others behind them. */
  Program continued(List<Edit> more, List<Applied> moreApplied) {
    List<Edit> all = new ArrayList<>(edits);
    all.addAll(more);
    List<Applied> acting = new ArrayList<>();
    applied.forEach(each -> acting.add(each.continued()));
    acting.addAll(moreApplied);
    return all.isEmpty() ? EMPTY : new Program(all, acting);
  }

  /** What each edit did. */
  public List<Receipt> receipts(Config config) {
    List<Receipt> receipts = new ArrayList<>();
    for (int number = 0; number < edits.size(); number++) {
      receipts.add(receipt(number, config));
    }
    return receipts;
  }

  private Receipt receipt(int number, Config config) {
    Set<Site> sites = new LinkedHashSet<>();
    Set<Site> readers = new LinkedHashSet<>();
    long fired = 0;
    long elements = 0;
    long changed = 0;
    double squares = 0;
    double largest = 0;
    for (Applied each : applied) {
      if (each.number() != number) {
        continue;
      }
      sites.add(each.region().site());
      readers.addAll(Readers.of(each.region().site(), config));
      for (Applied.Tally tally : each.tallies().values()) {
        fired++;
        elements += tally.elements();
        changed += tally.changed();
        squares += tally.squares();
        largest = Math.max(largest, tally.largest());
      }
    }
    return new Receipt(
        edits.get(number),
        List.copyOf(sites),
        fired,
        elements,
        changed,
        Math.sqrt(squares),
        largest,
        List.copyOf(readers));
  }
}
