package dev.vitrine.cli.verbs;

import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameters;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.TensorWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The weights that go into a dump, as they are in the model's view; they have no batch axis. */
final class WeightDump {
  private final Parameters parameters;
  private final Dtype dtype;
  private final List<String> names;
  private final List<String> siteGlobs;

  private WeightDump(Gpt2 model, Set<String> names, List<String> siteGlobs) {
    this.parameters = model.parameters();
    this.dtype = model.backend().isDouble() ? Dtype.F64 : Dtype.F32;
    this.names = List.copyOf(names);
    this.siteGlobs = List.copyOf(siteGlobs);
  }

  /**
   * Tells globs of weights from globs of sites, which come first.
   *
   * @throws IllegalArgumentException if a glob names neither; says the nearest sites
   */
  static WeightDump of(Gpt2 model, List<String> globs, boolean all) {
    Set<String> names = new LinkedHashSet<>();
    List<String> siteGlobs = new ArrayList<>();
    for (String glob : globs) {
      try {
        Site.matching(glob, model.config());
        siteGlobs.add(glob);
      } catch (IllegalArgumentException noSite) {
        List<String> weights = model.parameters().matching(glob);
        if (weights.isEmpty()) {
          throw noSite;
        }
        names.addAll(weights);
      }
    }
    if (all) {
      names.addAll(model.parameters().names());
    }
    return new WeightDump(model, names, siteGlobs);
  }

  List<String> names() {
    return names;
  }

  /** The globs that are left for sites. */
  List<String> siteGlobs() {
    return siteGlobs;
  }

  List<Long> shape(String name) {
    return parameters.dimensions(name).stream().map(d -> (long) d.size()).toList();
  }

  void declare(TensorWriter writer) {
    for (String name : names) {
      writer.declare(name, dtype, shape(name).stream().mapToLong(Long::longValue).toArray());
    }
  }

  void write(TensorWriter writer, Progress progress) {
    for (String name : names) {
      DumpPlan.write(writer, name, parameters.tensor(name));
      progress.step();
    }
  }
}
