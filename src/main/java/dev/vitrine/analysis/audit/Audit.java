package dev.vitrine.analysis.audit;

import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Whether the numbers of a trace add up: for every site, that it is the sum its formula says, by
 * the table of sites; and the sums that run through all layers, the residual stream as everything
 * that wrote to it and a logit as everything that is attributed to it.
 *
 * <p>Sums that the model adds in one order must agree to the bit (a residual stream, a head's
 * results with b_O); the others agree within the rounding of the backend. In a trace that was
 * edited an audit shows where the edits broke in: there an identity is not expected to hold.
 *
 * @param findings one for each identity, in the order of computation
 * @param edited those of them that an edit may break
 * @param unaudited the sites that are no sum: tables that are looked up, activations
 * @param limit the relative error that rounding may cost here
 */
public record Audit(
    List<Finding> findings, Set<Finding> edited, List<Site> unaudited, double limit) {

  /** Relative to a tensor's largest element, what single precision may cost. */
  public static final double LIMIT_F32 = 1e-5;

  /** The same in double precision. */
  public static final double LIMIT_F64 = 1e-12;

  /** Keeps the lists as they are. */
  public Audit {
    findings = List.copyOf(findings);
    edited = Set.copyOf(edited);
    unaudited = List.copyOf(unaudited);
  }

  /** Audits a trace, with the limit of its backend's precision. */
  public static Audit of(Trace trace) {
    return of(trace, site -> {});
  }

  /**
   * Audits a trace.
   *
   * @param progress is told each site before it is looked at
   */
  public static Audit of(Trace trace, Consumer<Site> progress) {
    List<Finding> findings = new ArrayList<>();
    List<Site> unaudited = new ArrayList<>();
    Set<Finding> edited = new HashSet<>();
    EditedSites edits = EditedSites.of(trace);
    Accumulation accumulation = new Accumulation(trace);
    for (List<Site> part : parts(trace)) {
      // Asked for together, a block's tensors cost one run of it; asked for singly, one each. All
      // logits may be more than memory has: they are read a position at a time.
      Map<Site, Tensor> held =
          trace.tensors(part.stream().filter(site -> site.hook() != Hook.LOGITS).toList());
      Function<Site, Tensor> tensors =
          site -> {
            Tensor known = held.get(site);
            return known != null ? known : trace.tensor(site);
          };
      Identities identities = new Identities(trace, tensors);
      for (Site site : part) {
        progress.accept(site);
        Optional<Identity> identity = identities.of(site);
        identity.ifPresentOrElse(
            known -> add(found(site, known), edits.breakIdentity(site), findings, edited),
            () -> unaudited.add(site));
      }
      int layer = part.getFirst().layer();
      if (layer >= 0) {
        add(accumulation.block(layer, tensors), edits.breakStream(layer), findings, edited);
      } else if (part.contains(Site.embed())) {
        accumulation.embeddings(tensors);
      }
    }
    boolean logits = edits.breakLogits(trace.model().config().layers());
    add(accumulation.attribution(), logits, findings, edited);
    boolean isDouble = trace.model().backend().isDouble();
    return new Audit(findings, edited, unaudited, isDouble ? LIMIT_F64 : LIMIT_F32);
  }

  private static void add(
      Finding finding, boolean breakable, List<Finding> findings, Set<Finding> edited) {
    findings.add(finding);
    if (breakable) {
      edited.add(finding);
    }
  }

  private static Finding found(Site site, Identity identity) {
    return Finding.between(
        site, identity.formula(), identity.exact(), identity.sum(), identity.value());
  }

  /** The sites before, in, and behind each block. */
  private static List<List<Site>> parts(Trace trace) {
    List<List<Site>> parts = new ArrayList<>();
    for (Site site : trace.sites()) {
      if (parts.isEmpty() || parts.getLast().getFirst().layer() != site.layer()) {
        parts.add(new ArrayList<>());
      }
      parts.getLast().add(site);
    }
    return parts;
  }

  /** Whether every identity holds, those apart that an edit broke. */
  public boolean holds() {
    return edited.containsAll(broken());
  }

  /** Whether a finding does not hold because an edit broke in. */
  public boolean isEdited(Finding finding) {
    return !finding.holds(limit) && edited.contains(finding);
  }

  /** The identities that do not hold, those that an edit broke too. */
  public List<Finding> broken() {
    return findings.stream().filter(finding -> !finding.holds(limit)).toList();
  }

  /**
   * The one that holds worst: a broken one before others, then by the relative error; one that an
   * edit broke comes last.
   */
  public Finding worst() {
    return findings.stream()
        .max(
            Comparator.comparing((Finding finding) -> !isEdited(finding))
                .thenComparing(finding -> !finding.holds(limit))
                .thenComparingDouble(Finding::relative))
        .orElseThrow();
  }
}
