package dev.vitrine.trace;

import dev.vitrine.tensor.Origin;
import dev.vitrine.weights.Config;
import java.util.List;
import java.util.Optional;

/** What a tensor says of the site that it was read from. */
record SiteOrigin(Site site, Config config) implements Origin {

  @Override
  public String name() {
    return site.name();
  }

  @Override
  public String formula() {
    return site.hook().formula();
  }

  @Override
  public List<String> parents() {
    return site.hook().parents(site.layer(), config).stream().map(Site::name).toList();
  }

  @Override
  public List<String> weights() {
    return site.hook().weights(site.layer());
  }

  @Override
  public List<String> conventions() {
    return List.of(site.hook().convention(), "weights as stored: nothing folded or centred");
  }

  @Override
  public Optional<String> source() {
    return Optional.of("ForwardPass." + site.hook().method());
  }
}
