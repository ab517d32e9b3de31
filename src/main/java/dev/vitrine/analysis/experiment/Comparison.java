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
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares a run with what is kept of it.
 *
 * @param run as it is now
 * @param hashes of each site, one for each prompt
 * @param marks of the same; none in older files
 * @param values the file that has the sites' values, if there is one
 * @param progress is told each site of each prompt
 */
record Comparison(
    Batch run,
    Map<String, List<String>> hashes,
    Map<String, List<String>> marks,
    @Nullable Path values,
    Consumer<Site> progress) {

  Replay replay(Optional<Replay.Continued> continued) {
    List<Site> sites =
        hashes.keySet().stream().map(name -> Site.find(name, run.get(0).model().config())).toList();
    List<Map<Site, SiteHash>> now =
        run.traces().stream().map(trace -> SiteHash.all(trace, sites, progress)).toList();
    List<Site> different = new ArrayList<>();
    Replay.First first = null;
    for (Site site : sites) {
      List<String> saved = hashes.getOrDefault(site.name(), List.of());
      List<SiteHash> found = now.stream().map(each -> of(each, site)).toList();
      if (!found.stream().map(SiteHash::hash).toList().equals(saved)) {
        different.add(site);
        first = first == null ? first(site, saved, found) : first;
      }
    }
    return new Replay(sites.size(), different, Optional.ofNullable(first), continued);
  }

  private static SiteHash of(Map<Site, SiteHash> hashes, Site site) {
    return Objects.requireNonNull(hashes.get(site), site::toString);
  }

  private Replay.First first(Site site, List<String> saved, List<SiteHash> found) {
    int prompt = 0;
    while (prompt < Math.min(saved.size(), found.size())
        && saved.get(prompt).equals(found.get(prompt).hash())) {
      prompt++;
    }
    if (prompt >= run.size()) {
      return new Replay.First(site, prompt, Optional.empty(), Optional.empty());
    }
    Tensor tensor = run.get(prompt).tensor(site);
    List<String> before = marks.getOrDefault(site.name(), List.of());
    Optional<String> place =
        prompt < before.size()
            ? SiteHash.place(tensor, before.get(prompt), found.get(prompt).marks())
            : Optional.empty();
    return new Replay.First(
        site,
        prompt,
        values == null ? Optional.empty() : element(tensor, site, prompt, values),
        place);
  }

  private static Optional<Difference> element(Tensor now, Site site, int prompt, Path values) {
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
}
