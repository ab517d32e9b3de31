package dev.vitrine.analysis.audit;

import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where the edits of a trace broke in, and which identities that breaks: that of an edited site
 * itself; those of what reads it, where the table's formula names its parent; and the sums through
 * all layers, once something else is in the stream than what was written to it.
 *
 * @param sites of which edits changed an element
 */
record EditedSites(Set<Site> sites) {

  static EditedSites of(Trace trace) {
    return new EditedSites(
        trace.receipts().stream()
            .filter(receipt -> receipt.changed() > 0)
            .flatMap(receipt -> receipt.sites().stream())
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Whether the identity of a site cannot be expected to hold. */
  boolean breakIdentity(Site site) {
    int l = site.layer();
    return sites.contains(site)
        || switch (site.hook()) {
          case Q_INPUT, K_INPUT, V_INPUT -> has(Hook.ATTN_IN, l);
          case Q -> has(Hook.ATTN_IN, l) || has(Hook.Q_INPUT, l);
          case K -> has(Hook.ATTN_IN, l) || has(Hook.K_INPUT, l);
          case V -> has(Hook.ATTN_IN, l) || has(Hook.V_INPUT, l);
          default -> false;
        };
  }

  /** Whether the stream behind a block is another than all that was written so far. */
  boolean breakStream(int layer) {
    return sites.stream()
        .anyMatch(site ->
            site.layer() <= layer
                && switch (site.hook()) {
                  case RESID_PRE, ATTN_OUT, RESID_MID, RESID_POST -> true;
                  default -> false;
                });
  }

  /** Whether logits are others than what is attributed to them. */
  boolean breakLogits(int layers) {
    return breakStream(layers)
        || has(Hook.LN_FINAL_NORMALIZED, -1)
        || has(Hook.UNEMBED_IN, -1)
        || has(Hook.LOGITS, -1);
  }

  private boolean has(Hook hook, int layer) {
    return sites.contains(new Site(hook, layer));
  }
}
