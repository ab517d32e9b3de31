package dev.vitrine.analysis.experiment;

import dev.vitrine.tensor.Difference;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.StoredTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came of running an experiment again.
 *
 * @param sites how many sites were compared
 * @param different those that have other bits than when it was saved, in the order of computation
 * @param first where the first of them differs; empty if none does
 */
public record Replay(int sites, List<Site> different, Optional<First> first) {

  /**
   * The first tensor that differs.
   *
   * @param site the tensor
   * @param prompt of which of the prompts
   * @param element its first element that differs, left as it was saved, right as it is now; empty
   *     where the file has its hash alone
   */
  public record First(Site site, int prompt, Optional<Difference> element) {}

  /** Keeps the list. */
  public Replay {
    different = List.copyOf(different);
  }

  static Replay of(Batch run, Map<String, List<String>> hashes, @Nullable Path values) {
    List<Site> sites =
        hashes.keySet().stream().map(name -> Site.find(name, run.get(0).model().config())).toList();
    List<Map<Site, String>> now =
        run.traces().stream().map(trace -> trace.fingerprints(sites)).toList();
    List<Site> different = new ArrayList<>();
    First first = null;
    for (Site site : sites) {
      List<String> saved = hashes.getOrDefault(site.name(), List.of());
      List<String> found = now.stream().map(each -> each.get(site)).toList();
      if (!found.equals(saved)) {
        different.add(site);
        first = first == null ? first(run, site, saved, found, values) : first;
      }
    }
    return new Replay(sites.size(), different, Optional.ofNullable(first));
  }

  private static First first(
      Batch run, Site site, List<String> saved, List<String> found, @Nullable Path values) {
    int prompt = 0;
    while (prompt < Math.min(saved.size(), found.size())
        && saved.get(prompt).equals(found.get(prompt))) {
      prompt++;
    }
    if (values == null || prompt >= run.size()) {
      return new First(site, prompt, Optional.empty());
    }
    return new First(site, prompt, element(run, site, prompt, values));
  }

  private static Optional<Difference> element(Batch run, Site site, int prompt, Path values) {
    Tensor now = run.get(prompt).tensor(site);
    try (Checkpoint kept = Checkpoint.open(values)) {
      Optional<StoredTensor> stored = kept.find(name(prompt, site.name()));
      if (stored.isEmpty() || stored.get().doubles().length != now.elements()) {
        return Optional.empty();
      }
      Dimension[] dimensions = now.dimensions().toArray(Dimension[]::new);
      Tensor before = Tensor.of(stored.get().doubles(), dimensions);
      return before.firstDifference(Tensor.of(now.doubles(), dimensions));
    }
  }

  /** What the values of a site are called in the file beside an experiment. */
  static String name(int prompt, String site) {
    return "values/" + prompt + "/" + site;
  }

  /** Whether every site has the bits that it had. */
  public boolean isIdentical() {
    return different.isEmpty();
  }

  /** One line for people: {@code identical, 130 sites}. */
  @Override
  public String toString() {
    if (first.isEmpty()) {
      return "identical, %d site%s".formatted(sites, sites == 1 ? "" : "s");
    }
    First where = first.get();
    String prompt = where.prompt == 0 ? "" : " of prompt " + where.prompt;
    String element =
        where
            .element
            .map(difference -> ": saved " + difference)
            .orElse(": the file keeps no values of it, only its hash");
    return "differs first at %s%s%s; %d of %d sites differ"
        .formatted(where.site, prompt, element, different.size(), sites);
  }
}
