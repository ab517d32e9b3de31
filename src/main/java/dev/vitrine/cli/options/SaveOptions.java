package dev.vitrine.cli.options;

import dev.vitrine.model.Gpt2;
import dev.vitrine.trace.Site;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether and how a run is kept as an experiment. */
public final class SaveOptions {
  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Keep the experiment in a file whose name ends in .json; replay runs it again.")
  private @Nullable String save;

  @Option(
      names = "--sites",
      paramLabel = "GLOB",
      description = "Of which sites --save keeps a hash (repeatable; default \"*\", all).")
  private List<String> sites = new ArrayList<>();

  @Option(
      names = "--values",
      description =
          "Let --save keep their values too, in a .safetensors beside it: then replay says in which"
              + " element a run differs, not only in which positions and heads.")
  private boolean values;

  /** For picocli. */
  public SaveOptions() {}

  /**
   * The file, if the run is to be kept.
   *
   * @throws UsageException if the command line alone is wrong
   * @throws IllegalArgumentException if its directory is not there: better said before a long run
   */
  public Optional<Path> check() {
    String name = save;
    if (name == null) {
      if (values || !sites.isEmpty()) {
        throw new UsageException("--sites and --values say what --save FILE keeps: add it");
      }
      return Optional.empty();
    }
    if (!name.endsWith(".json")) {
      throw new UsageException("--save must end in .json, not \"" + name + "\"");
    }
    try {
      Path file = Path.of(name);
      Path folder = file.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw new IllegalArgumentException(file + ": there is no such directory");
      }
      return Optional.of(file);
    } catch (InvalidPathException e) {
      throw new UsageException("--save " + name + " is no path: " + e.getReason());
    }
  }

  /** The name of the file, or null. */
  public @Nullable String name() {
    return save;
  }

  /** Whether the sites' values are kept too. */
  public boolean values() {
    return values;
  }

  /**
   * The sites of which a hash is kept.
   *
   * @throws IllegalArgumentException if a glob names none; says the nearest
   */
  public Set<Site> sites(Gpt2 model) {
    Set<Site> kept = new LinkedHashSet<>();
    for (String glob : sites.isEmpty() ? List.of("*") : sites) {
      kept.addAll(Site.matching(glob, model.config()).values());
    }
    return kept;
  }
}
