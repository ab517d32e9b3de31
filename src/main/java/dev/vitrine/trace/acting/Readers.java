package dev.vitrine.trace.acting;

import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;

/** Who reads a site: the table of sites, the other way round. */
final class Readers {
  private Readers() {}

  /** The sites computed from {@code site}, nearest first. */
  static List<Site> of(Site site, Config config) {
    List<Site> readers = new ArrayList<>();
    for (Hook hook : Hook.values()) {
      for (int layer : new int[] {site.layer(), site.layer() + 1}) {
        int at = hook.inBlock() ? Math.max(layer, 0) : -1;
        if (at < config.layers()
            && hook.absence(config).isEmpty()
            && (hook.parents(at, config).contains(site) || readsInput(hook, at, site))) {
          Site reader = new Site(hook, at);
          if (!readers.contains(reader)) {
            readers.add(reader);
          }
        }
      }
    }
    return readers;
  }

  /** An own input of a head is read by that head's q, k or v. */
  private static boolean readsInput(Hook hook, int layer, Site site) {
    return layer == site.layer()
        && ((hook == Hook.Q && site.hook() == Hook.Q_INPUT)
            || (hook == Hook.K && site.hook() == Hook.K_INPUT)
            || (hook == Hook.V && site.hook() == Hook.V_INPUT));
  }
}
