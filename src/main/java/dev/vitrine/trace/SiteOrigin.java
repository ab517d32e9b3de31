package dev.vitrine.trace;

import dev.vitrine.tensor.Origin;
import dev.vitrine.tensor.View;
import dev.vitrine.weights.Config;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a tensor says of the site that it was read from. */
record SiteOrigin(Site site, Config config, View of) implements Origin {
  private static final Pattern LAYER_NORM = Pattern.compile("\\bln(1|2|_final)\\.[wb]$");

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
    List<String> weights = site.hook().weights(site.layer());
    return of.has(View.Step.FOLD_LN)
        ? weights.stream().filter(name -> !LAYER_NORM.matcher(name).find()).toList()
        : weights;
  }

  @Override
  public List<String> conventions() {
    return List.of(site.hook().convention(), of.convention());
  }

  @Override
  public Optional<View> view() {
    return Optional.of(of);
  }

  @Override
  public Optional<String> source() {
    return Optional.of("ForwardPass." + site.hook().method());
  }
}
